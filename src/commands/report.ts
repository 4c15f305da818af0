import type { Known } from "../core/contacts.ts";
import type { Reported } from "../core/network.ts";
import type { Command, Request, Scene } from "./command.ts";
import { whom } from "./whom.ts";

const MOST = 5;

async function run(request: Request, scene: Scene): Promise<readonly string[]> {
  const agreed = request.words.at(-1)?.toLowerCase() === "yes" && request.words.length > 2;
  const words = agreed ? request.words.slice(0, -1) : request.words;
  const about = await whom({ ...request, words }, "report", scene);
  if (typeof about === "string") return [about];
  const { network, login, known } = about;
  const messages = await lastMessages(known, scene);
  const { name } = known.ghost;
  if (!agreed) {
    return [
      `To report ${name}, ${network.name} is given their last ${messages.length} messages to you, with the text. ` +
        `Nothing was sent yet. Write “report ${network.id} ${name} yes” to hand them over.`,
    ];
  }
  const client = scene.connections.client(login.id);
  if (!client?.report) return [`${network.name} is not connected. Write “status” to see why, and try again.`];
  await client.report(known.portal.person, messages);
  return [
    `${name} was reported to ${network.name}, with ${messages.length} messages. “block ${network.id} ${name}” keeps them away.`,
  ];
}

/** Read from the homeserver again; the bridge keeps no text. */
async function lastMessages({ portal }: Known, { store, homeserver }: Scene): Promise<readonly Reported[]> {
  const reported: Reported[] = [];
  for (const { id, at, room, event } of await store.messages.newest(portal, portal.person, MOST)) {
    const shown = await homeserver.event(room, event);
    if (shown?.kind !== "message") continue;
    const text = shown.message.parts
      .map((part) => ("body" in part ? part.body.text : `(${part.kind})`))
      .join("\n");
    reported.push({ id, at, text });
  }
  return reported.toReversed();
}

export const report: Command = {
  name: "report",
  usage: "<network> <whom> [yes]",
  summary: "Reports a contact to the network; what is handed over is said first.",
  run,
};
