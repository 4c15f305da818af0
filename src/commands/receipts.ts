import { NO_READ_RECEIPTS } from "../core/to-network/read-marks.ts";
import type { Command, CommandContext, CommandRequest } from "./command.ts";

async function run({ user, words }: CommandRequest, { store }: CommandContext): Promise<readonly string[]> {
  const chosen = words[0]?.toLowerCase();
  if (chosen === "on") {
    await store.write((tx) => tx.records.remove(NO_READ_RECEIPTS, user));
    return ["Your contacts see when you have read their messages."];
  }
  if (chosen === "off") {
    await store.write((tx) => tx.records.set(NO_READ_RECEIPTS, user, "off"));
    return ["Your contacts no longer see when you have read their messages."];
  }
  const off = (await store.records.get(NO_READ_RECEIPTS, user)) !== undefined;
  return [`Read receipts are ${off ? "off" : "on"}. Write “receipts on” or “receipts off” to change that.`];
}

export const receipts: Command = {
  name: "receipts",
  usage: "on|off",
  summary: "Chooses whether your contacts see that you read their messages.",
  run,
};
