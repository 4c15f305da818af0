import type { Command, Request, Scene } from "../command.ts";
import { answered, asked } from "./consent.ts";

async function run({ user }: Request, { store, networks, logins }: Scene): Promise<readonly string[]> {
  const open = await asked(store, user);
  const network = open && networks.get(open.network);
  await answered(store, user);
  if (!network) return ["There is no open question. Write “networks” to see what there is."];
  if ((await logins.of(user, network.id))?.state === "active") {
    return [
      `Nothing you write is sent on ${network.name} until you agree; you go on receiving. Write “enable ${network.id}” to read the notice again, or “disable ${network.id}” to turn ${network.name} off.`,
    ];
  }
  return [
    `${network.name} stays off, and nothing was sent. Write “enable ${network.id}” if you change your mind.`,
  ];
}

export const no: Command = {
  name: "no",
  usage: "",
  summary: "Declines the notice you were shown last.",
  topic: "consent",
  run,
};
