import { chatNamed } from "../chat-named.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { counted } from "../counted.ts";
import { listFailures, NOTHING_FAILED } from "./failures.ts";

const KEPT = "In the chat it stays as you wrote it.";

async function run(request: CommandRequest, context: CommandContext): Promise<readonly string[]> {
  const [first, ...rest] = request.words;
  if (first === undefined) return listFailures(request, context);
  if (first.toLowerCase() === "all" && rest.length === 0) return discardAll(request, context);
  const about = await chatNamed(request, "discard", context);
  if (typeof about === "string") return [about];
  const { portal, name } = about;
  const discarded = await context.failures.discard(portal);
  if (discarded === 0) return [`Nothing you wrote to ${name} has failed.`];
  return [`${counted(discarded, "message")} to ${name} will not be sent. ${KEPT}`];
}

async function discardAll(
  { user }: CommandRequest,
  { failures, networks }: CommandContext,
): Promise<readonly string[]> {
  const chats = await failures.of(user, networks.values());
  if (chats.length === 0) return [NOTHING_FAILED];
  let discarded = 0;
  for (const { portal } of chats) discarded += await failures.discard(portal);
  return [`${counted(discarded, "message")} will not be sent. ${KEPT}`];
}

export const discard: Command = {
  name: "discard",
  usage: "<network> <whom>|all",
  summary: "Takes what failed off the list; it is not sent.",
  group: "chats",
  topic: "retry",
  run,
};
