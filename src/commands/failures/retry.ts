import type { Portal } from "../../core/ports/rows.ts";
import { chatNamed } from "../chat-named.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { counted } from "../counted.ts";
import { listFailures, NOTHING_FAILED } from "./failures.ts";

async function run(request: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const [first, ...rest] = request.words;
  if (first === undefined) return listFailures(request, context);
  if (first.toLowerCase() === "all" && rest.length === 0) return retryAll(request, context);
  const about = await chatNamed(request, "retry", context);
  if (typeof about === "string") return [about];
  const { portal, name } = about;
  const waiting = await context.failures.waiting(portal);
  if (waiting === 0) return [`Nothing you wrote to ${name} has failed, or it is on its way again already.`];
  return [await retried(portal, name, context)];
}

async function retryAll({ user }: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const chats = await context.failures.of(user, context.networks.values());
  if (chats.length === 0) return [NOTHING_FAILED];
  const lines: string[] = [];
  for (const { portal, name } of chats) {
    const said = await retried(portal, name, context);
    lines.push(chats.length === 1 ? said : `• ${name}: ${said}`);
  }
  return [lines.join("\n")];
}

/** Sends a chat's failed messages again; resolves to the words for what came of it. */
async function retried(portal: Portal, name: string, context: CommandContext): Promise<string> {
  const outcome = await context.failures.retry(portal);
  if (outcome.kind === "forbidden") return `Nothing was sent. ${outcome.words}`;
  const { sent, refused, unread } = outcome;
  const going =
    sent === 0
      ? `No message to ${name} could be sent again.`
      : `${counted(sent, "message")} to ${name} ${sent === 1 ? "is" : "are"} on ${sent === 1 ? "its" : "their"} way again.`;
  const limits =
    refused === 0 ? "" : ` What cannot be sent as it is: ${refused}; the reasons are in the chat.`;
  const gone = unread === 0 ? "" : ` What could not be read again: ${unread}; please write it anew.`;
  return `${going}${limits}${gone}`;
}

export const retry: Command = {
  name: "retry",
  usage: "<network> <whom>|all",
  summary: "Sends again what could not be delivered to a contact, or to all.",
  group: "chats",
  topic: "retry",
  run,
};
