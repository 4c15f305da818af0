import type { Command, CommandContext, CommandRequest } from "./command.ts";

async function run(
  { user, words }: CommandRequest,
  { settings }: CommandContext,
): Promise<readonly string[]> {
  const chosen = words[0]?.toLowerCase();
  if (chosen === "on") {
    await settings.setReceipts(user, true);
    return ["Your contacts see when you have read their messages."];
  }
  if (chosen === "off") {
    await settings.setReceipts(user, false);
    return ["Your contacts no longer see when you have read their messages."];
  }
  const on = await settings.receipts(user);
  return [`Read receipts are ${on ? "on" : "off"}. Write “receipts on” or “receipts off” to change that.`];
}

export const receipts: Command = {
  name: "receipts",
  usage: "on|off",
  summary: "Chooses whether your contacts see that you read their messages.",
  group: "settings",
  run,
};
