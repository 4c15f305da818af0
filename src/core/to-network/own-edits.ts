import type { Message as Content } from "../model/content.ts";
import { degrade } from "../model/degrade.ts";
import type { MatrixEvent } from "../model/events.ts";
import { formOf } from "../model/form.ts";
import { itemsOf } from "../model/items.ts";
import { refusalOf } from "../model/limits.ts";
import type { Message } from "../ports/rows.ts";
import type { Writes } from "../ports/store.ts";
import {
  all,
  allowed,
  cancelUnsealed,
  type MatrixEventContext,
  missingThere,
  nothing,
  queue,
  type TakenEdit,
} from "./event-context.ts";
import type { RowIds } from "./message-ids.ts";

type Edit = Extract<MatrixEvent, { kind: "edit" }>;
type Redaction = Extract<MatrixEvent, { kind: "redaction" }>;
type Record = (tx: Writes) => void;

/** An edit is known by its event from then on, whether or not it crosses: others may refer to it, or take it back. */
export function edited(event: Edit, scene: MatrixEventContext): Record {
  const { delivery, target } = scene;
  if (!target) {
    const words =
      "The message you changed did not arrive there, or the bridge does not know it. Write it as a new message.";
    return delivery.refuse(event, words);
  }
  if (target.sender !== undefined)
    return delivery.refuse(event, "Only who wrote a message can change it there.");
  const row = scene.newRow();
  const { room, id, at } = event;
  const { login, chat } = target;
  const of = { login, chat, id: target.id, part: 0, sender: undefined, room, original: target.event };
  return all([
    changed(event, scene, event.message, row),
    (tx) => tx.revisions.add({ ...of, event: id, row: undefined, remote: row.remoteId, at }),
  ]);
}

/** Who takes their edit back has the other side show what the room shows then. */
export function editTakenBack(
  event: Redaction,
  scene: MatrixEventContext,
  { shown, row, before }: TakenEdit,
): Record {
  const forget: Record = (tx) => tx.revisions.remove(event.room, event.target);
  if (!shown || scene.deleted === true) return forget;
  const words = "What it said before could not be read, so your contact still sees the changed text.";
  const back = allowed<Redaction>((taken, within) =>
    before ? changed(taken, within, before) : within.delivery.refuse(taken, words),
  )(event, scene);
  const unsent = row?.state === "queued" && !row.sealed && row.outgoing?.kind === "edit";
  return all([forget, unsent ? cancelUnsealed(row.id) : back]);
}

/** Has the other side show this content instead of what it has of the target. */
function changed(
  event: Edit | Redaction,
  scene: MatrixEventContext,
  content: Content,
  row = scene.newRow(),
): Record {
  const { network, granted, delivery, target, targetRow, others = [], clock } = scene;
  if (!target) return nothing();
  const refuse = (words: string): Record => delivery.refuse(event, words);
  const instead = "Write the correction as a new message.";
  if (!granted.edits) return refuse(`${network.name} takes no edits here, so the old text stays. ${instead}`);
  const missing = missingThere(targetRow?.state, scene.commandTarget);
  if (missing !== undefined) return refuse(missing);
  if (scene.deleted === true) return refuse("You took that message back, so it cannot be changed.");
  const messages = [target, ...others.flatMap((other) => other.target ?? [])];
  const all = itemsOf(content).map((item) => degrade(item, granted, network.name).message);
  const contents =
    all.length === messages.length ? all : all.filter((item) => !neverCrossed(item, messages, scene));
  const [first] = contents;
  if (!first || !isSame(messages, contents)) return otherKind(event, scene, target, contents, row);
  if (first !== all[0]) return refuse(`The file that these words are with did not arrive there. ${instead}`);
  if (granted.editWindow !== undefined && clock.now() - target.at > granted.editWindow) {
    const minutes = Math.round(granted.editWindow / 60_000);
    return refuse(`${network.name} takes edits for ${minutes} minutes; this message is older. ${instead}`);
  }
  if (first.parts[0]?.kind === "media" && first.parts[0].media.kind === "voice") {
    return refuse(`${network.name} shows no text with voice notes, so nothing changed there. ${instead}`);
  }
  const words = refusalOf(first, granted, network.name);
  if (words !== undefined) return refuse(words);
  return queue(event, scene, { kind: "edit", target: target.id, message: first }, undefined, row);
}

/** Whether an edit changes words only, as far as is known. */
function isSame(messages: readonly Message[], contents: readonly Content[]): boolean {
  return (
    messages.length === contents.length &&
    contents.every((content, item) => {
      const was = messages[item]?.form;
      const is = formOf(content);
      return was === undefined ? is === "text" || is.startsWith("file") : was === is && !KEPT.has(is);
    })
  );
}

/** One of several files, and it was refused when they were sent. */
function neverCrossed(
  item: Content,
  messages: readonly Message[],
  { granted, network }: MatrixEventContext,
): boolean {
  return (
    messages.every(({ form }) => form !== formOf(item)) &&
    refusalOf(item, granted, network.name) !== undefined
  );
}

/** Kinds in which there is nothing to edit. */
const KEPT: ReadonlySet<string> = new Set(["location", "contact"]);

/** The network edits words only: of anything else the old message is deleted there, behind the new one. */
function otherKind(
  event: Edit | Redaction,
  scene: MatrixEventContext,
  target: Message,
  contents: readonly Content[],
  row: RowIds,
): Record {
  const { network, granted, delivery, targetRow, others = [], clock, portal } = scene;
  const [message] = contents;
  const what = `${network.name} cannot change a message into another kind, or a file into another file`;
  const late = granted.deleteWindow !== undefined && clock.now() - target.at > granted.deleteWindow;
  if (!message || contents.length > 1 || others.length > 0 || !granted.deletes || late) {
    const words = `${what}, so your contact still has what was sent first. Send the new one as a message of its own.`;
    return delivery.refuse(event, words);
  }
  const refusal = refusalOf(message, granted, network.name);
  if (refusal !== undefined) return delivery.refuse(event, refusal);
  const before = targetRow?.outgoing?.kind === "message" ? targetRow.outgoing.message.replyTo : undefined;
  const whole = before === undefined ? message : { ...message, replyTo: before };
  const key = { login: portal.login, chat: portal.chat };
  const shownBy = { event: target.event, at: Math.max(event.at, target.at + 1) };
  const send = queue(
    event,
    scene,
    { kind: "message", message: whole },
    { form: formOf(message), shownBy },
    row,
  );
  const gone = { kind: "delete", target: target.id, replacedBy: row.remoteId } as const;
  const remove = queue(event, { ...scene, item: 1 }, gone);
  const remark = delivery.remark(
    event,
    `${what}, so the new one is a message of its own, and the old one is deleted behind it.`,
  );
  const unsent = targetRow !== undefined && targetRow.state === "queued" && !targetRow.sealed;
  return all([
    send,
    ...(unsent ? [cancelUnsealed(targetRow.id)] : [remove, remark]),
    (tx) => tx.withdrawn.add(key, { id: target.id, sender: undefined, part: undefined }),
  ]);
}
