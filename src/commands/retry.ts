import { chatNamed } from "./chat-named.ts";
import type { Command, CommandContext, CommandRequest } from "./command.ts";
import { counted } from "./counted.ts";

async function run(request: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const about = await chatNamed(request, "retry", context);
  if (typeof about === "string") return [about];
  const { portal, name } = about;
  const waiting = await context.retries.waiting(portal);
  if (waiting === 0) return [`Nothing you wrote to ${name} has failed, or it is on its way again already.`];
  const retried = await context.retries.retry(portal);
  if (retried.kind === "forbidden") return [`Nothing was sent. ${retried.words}`];
  const { sent, refused, unread } = retried;
  const going =
    sent === 0
      ? `No message to ${name} could be sent again.`
      : `${counted(sent, "message")} to ${name} ${sent === 1 ? "is" : "are"} on ${sent === 1 ? "its" : "their"} way again.`;
  const limits =
    refused === 0 ? "" : ` What cannot be sent as it is: ${refused}; the reasons are in the chat.`;
  const gone = unread === 0 ? "" : ` What could not be read again: ${unread}; please write it anew.`;
  return [`${going}${limits}${gone}`];
}

export const retry: Command = {
  name: "retry",
  usage: "<network> <whom>",
  summary: "Sends again what could not be delivered to a contact.",
  topic: "retry",
  run,
};
