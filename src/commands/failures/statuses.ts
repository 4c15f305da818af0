import { STATUS_WORDS, statusChoice } from "../../core/delivery/message-statuses.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";

async function run(
  { user, words }: CommandRequest,
  { settings }: CommandContext,
): Promise<readonly string[]> {
  const chosen = statusChoice(words[0]?.toLowerCase());
  if (chosen !== undefined) {
    await settings.setStatuses(user, chosen);
    return [STATUS_WORDS[chosen]];
  }
  const choice = settings.statuses(user);
  return [
    `Statuses are ${choice}. ${STATUS_WORDS[choice]} Write “statuses auto”, “statuses on” or “statuses off” to change that.`,
  ];
}

export const statuses: Command = {
  name: "statuses",
  usage: "auto|on|off",
  summary: "Chooses whether your client is told what became of each message.",
  group: "settings",
  run,
};
