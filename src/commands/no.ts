import type { Command, Request, Scene } from "./command.ts";
import { answered, asked } from "./consent.ts";

async function run({ user }: Request, { store, networks }: Scene): Promise<readonly string[]> {
  const open = await asked(store, user);
  const network = open && networks.get(open.network);
  await answered(store, user);
  if (!network) return ["There is no open question. Write “networks” to see what there is."];
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
