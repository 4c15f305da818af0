import type { Command, Request, Scene } from "./command.ts";
import { whom } from "./whom.ts";

async function run(request: Request, scene: Scene): Promise<readonly string[]> {
  const about = await whom(request, "retry", scene);
  if (typeof about === "string") return [about];
  const { portal, ghost } = about.known;
  const waiting = await scene.retries.waiting(portal);
  if (waiting === 0)
    return [`Nothing you wrote to ${ghost.name} has failed, or it is on its way again already.`];
  const retried = await scene.retries.retry(portal);
  if (retried.kind === "forbidden") return [`Nothing was sent. ${retried.words}`];
  const { sent, refused, unread } = retried;
  const limits = refused === 0 ? "" : ` ${refused} cannot be sent as they are; the reasons are in the chat.`;
  const gone = unread === 0 ? "" : ` ${unread} could not be read again; please write them anew.`;
  return [`${sent} messages to ${ghost.name} are on their way again.${limits}${gone}`];
}

export const retry: Command = {
  name: "retry",
  usage: "<network> <whom>",
  summary: "Sends again what could not be delivered to a contact.",
  topic: "retry",
  run,
};
