import type { Answer } from "../../core/management/answers.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";

async function run(request: CommandRequest, context: CommandContext): Promise<readonly Answer[]> {
  const { user } = request;
  const { dialogues, processes, logins } = context;
  const network = (await processes.asked(user))?.network;
  const ended = await dialogues.cancel(user);
  if (!network) return ended ?? ["There is no open question. Write “networks” to see what there is."];
  await processes.forgetAsked(user);
  if ((await logins.of(user, network.id)).some(({ state }) => state === "active")) {
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
  group: "answers",
  topic: "login",
  run,
};
