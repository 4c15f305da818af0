import type { Known } from "../core/chats/contacts.ts";
import type { Reported } from "../core/ports/network.ts";
import type { Command, Request, Scene } from "./command.ts";
import { whom } from "./contact-named.ts";
import { counted } from "./counted.ts";
import { loginsNamed } from "./logins-named.ts";

const MOST = 5;
/** Scope of the records of reports on their way, by the message that asked for them. */
const SCOPE = "reports";
const [BEGUN, DONE] = ["begun", "done"];
/** Milliseconds; a message that was answered is not handled again. */
const KEEP = 7 * 86_400_000;

async function run(request: Request, scene: Scene): Promise<readonly string[]> {
  const { about, agreed } = await meant(request, scene);
  if (typeof about === "string") return [about];
  const { network, login, known, exactly } = about;
  const messages = await lastMessages(known, scene);
  const { name } = known.ghost;
  if (!agreed) {
    return [
      messages.length === 0
        ? `There is no message of ${name} here that could be handed over, so a report says only who they are and that you report them. ` +
          `Nothing was sent yet. Write “report ${exactly} yes” to report them like that, or “block ${exactly}” to keep them away.`
        : `To report ${name}, ${network.name} is given ${lastWords(messages.length)} to you, with the text. ` +
          `Nothing was sent yet. Write “report ${exactly} yes” to hand that over.`,
    ];
  }
  const client = scene.connections.client(login.id);
  if (!client?.report) return [`${network.name} is not connected. Write “status” to see why, and try again.`];
  const before = await scene.store.records.get(SCOPE, request.event);
  if (before === BEGUN) {
    return [
      `The bridge was restarted while it reported ${name}, so it is not known whether ${network.name} has the report. ` +
        `Write “report ${exactly} yes” to hand it over once more.`,
    ];
  }
  if (before === undefined) {
    await note(scene, request, BEGUN);
    await client.report(known.portal.person, messages);
    await note(scene, request, DONE);
  }
  return [
    `${name} was reported to ${network.name}, with ${counted(messages.length, "message")}. Write “block ${exactly}” to keep them away.`,
  ];
}

const lastWords = (count: number): string =>
  count === 1 ? "their last message" : `their last ${count} messages`;

/** Whom they mean, and whether they agree; a contact may be called so that their name ends in “yes”. */
async function meant(request: Request, scene: Scene) {
  const rest = request.words.slice(1);
  const agrees = rest.length > 1 && rest.at(-1)?.toLowerCase() === "yes";
  const named = await loginsNamed(request, scene);
  let isName = false;
  for (const login of agrees && typeof named !== "string" ? named.logins : [])
    isName ||=
      typeof named !== "string" &&
      (await scene.contacts.called(login, named.network, rest.join(" "))).length > 0;
  const agreed = agrees && !isName;
  const words = agreed ? request.words.slice(0, -1) : request.words;
  return { about: await whom({ ...request, words }, "report", scene), agreed };
}

/** Kept before the report leaves and after the network took it, so that none is handed over twice by itself. */
function note({ store, clock }: Scene, { event }: Request, state: string): Promise<void> {
  return store.write((tx) => tx.records.set(SCOPE, event, state, clock.now() + KEEP));
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
  topic: "report",
  run,
};
