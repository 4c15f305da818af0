import type { Message as Content } from "../model/content.ts";
import { degrade } from "../model/degrade.ts";
import { windowWords } from "../model/duration-words.ts";
import type { MatrixEvent } from "../model/events.ts";
import { formOf } from "../model/form.ts";
import { itemsOf, packingOf } from "../model/items.ts";
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

/**
 * Converts an edit. Its event is stored whether or not the edit crosses, so that others can refer to it or take it
 * back.
 */
export function convertEdit(event: Edit, context: MatrixEventContext): Record {
  const { delivery, target } = context;
  if (!target) {
    const words =
      "The message you changed did not arrive there, or the bridge does not know it. Write it as a new message.";
    return delivery.refuse(event, words);
  }
  if (target.sender !== undefined)
    return delivery.refuse(event, "Only who wrote a message can change it there.");
  const row = context.newRow();
  const { room, id, at } = event;
  const { login, chat } = target;
  const of = { login, chat, id: target.id, part: 0, sender: undefined, room, original: target.event };
  return all([
    showInstead(event, context, event.message, row),
    (tx) => tx.revisions.add({ ...of, event: id, row: undefined, remote: row.remoteId, at }),
  ]);
}

/** Converts the redaction of an edit: the other side is to show what the room shows then. */
export function takeEditBack(
  event: Redaction,
  context: MatrixEventContext,
  { shown, row, before }: TakenEdit,
): Record {
  const forget: Record = (tx) => tx.revisions.remove(event.room, event.target);
  if (!shown || context.deleted === true) return forget;
  const words = "What it said before could not be read, so your contact still sees the changed text.";
  const back = allowed<Redaction>((taken, allowedContext) =>
    before ? showInstead(taken, allowedContext, before) : allowedContext.delivery.refuse(taken, words),
  )(event, context);
  const unsent = row?.state === "queued" && !row.sealed && row.outgoing?.kind === "edit";
  return all([forget, unsent ? cancelUnsealed(row.id) : back]);
}

/** Makes the other side show this content instead of the target's. */
function showInstead(
  event: Edit | Redaction,
  context: MatrixEventContext,
  content: Content,
  row = context.newRow(),
): Record {
  const { network, granted, delivery, target, targetRow, others = [], edits = [], clock } = context;
  if (!target) return nothing();
  const refuse = (words: string): Record => delivery.refuse(event, words);
  const instead = "Write the correction as a new message.";
  if (!granted.edits) return refuse(`${network.name} takes no edits here, so the old text stays. ${instead}`);
  const missing = missingThere(targetRow?.state, context.commandTarget);
  if (missing !== undefined) return refuse(missing);
  if (context.deleted === true) return refuse("You took that message back, so it cannot be changed.");
  const messages = [target, ...others.flatMap((other) => other.target ?? [])];
  const { all, contents } = asSent(content, messages, context);
  const [first] = contents;
  if (!first || !changesWordsOnly(messages, contents))
    return replaceMessage(event, context, target, contents, row);
  if (first !== all[0]) return refuse(`The file that these words are with did not arrive there. ${instead}`);
  if (granted.editWindow !== undefined && clock.now() - target.at > granted.editWindow)
    return refuse(
      `${network.name} takes edits for ${windowWords(granted.editWindow)}; this message is older. ${instead}`,
    );
  if (granted.editCount !== undefined && edits.length >= granted.editCount)
    return refuse(
      `${network.name} takes ${granted.editCount} edits of a message, and this one has had them. ${instead}`,
    );
  if (first.parts[0]?.kind === "media" && first.parts[0].media.kind === "voice") {
    return refuse(`${network.name} shows no text with voice notes, so nothing changed there. ${instead}`);
  }
  const words = refusalOf(first, granted, network.name);
  if (words !== undefined) return refuse(words);
  return queue(event, context, { kind: "edit", target: target.id, message: first }, undefined, row);
}

/** An edit's messages: all, and without those whose files were refused when they were sent. */
interface Edited {
  readonly all: readonly Content[];
  readonly contents: readonly Content[];
}

/** In messages as those that it changes: they may be of an earlier version, which sent each file in one of its own. */
function asSent(content: Content, messages: readonly Message[], context: MatrixEventContext): Edited {
  const { granted, network } = context;
  const packing = packingOf(granted, network.name);
  const edited = (files: number | undefined): Edited => {
    const items = itemsOf(content, { ...packing, ...(files !== undefined && { files }) });
    const all = items.map(({ message }) => degrade(message, granted, network.name).message);
    const contents =
      all.length === messages.length ? all : all.filter((item) => !wasRefused(item, messages, context));
    return { all, contents };
  };
  const single = edited(1);
  return changesWordsOnly(messages, single.contents) ? single : edited(granted.files);
}

/** Whether an edit changes words only, as far as is known. */
function changesWordsOnly(messages: readonly Message[], contents: readonly Content[]): boolean {
  return (
    messages.length === contents.length &&
    contents.every((content, item) => {
      const was = messages[item]?.form;
      const is = formOf(content);
      return was === undefined ? is === "text" || is.startsWith("file") : was === is && !UNEDITABLE.has(is);
    })
  );
}

/** Whether this is a file of several that was refused when they were sent. */
function wasRefused(
  item: Content,
  messages: readonly Message[],
  { granted, network }: MatrixEventContext,
): boolean {
  return (
    messages.every(({ form }) => form !== formOf(item)) &&
    refusalOf(item, granted, network.name) !== undefined
  );
}

/** Kinds without words that could be edited. */
const UNEDITABLE: ReadonlySet<string> = new Set(["location", "contact"]);

/** Replaces a message where the network cannot edit it: sends the new one and deletes the old one after it. */
function replaceMessage(
  event: Edit | Redaction,
  context: MatrixEventContext,
  target: Message,
  contents: readonly Content[],
  row: RowIds,
): Record {
  const { network, granted, delivery, targetRow, others = [], clock, portal } = context;
  const [message] = contents;
  const what = `${network.name} cannot change a message into another kind, or a file into another file`;
  const isTooLate = granted.deleteWindow !== undefined && clock.now() - target.at > granted.deleteWindow;
  if (!message || contents.length > 1 || others.length > 0 || !granted.deletes || isTooLate) {
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
    context,
    { kind: "message", message: whole },
    { form: formOf(message), shownBy },
    row,
  );
  const gone = { kind: "delete", target: target.id, replacedBy: row.remoteId } as const;
  const remove = queue(event, { ...context, item: 1 }, gone);
  const note = delivery.note(
    event,
    `${what}, so the new one is a message of its own, and the old one is deleted behind it.`,
  );
  const unsent = targetRow !== undefined && targetRow.state === "queued" && !targetRow.sealed;
  return all([
    send,
    ...(unsent ? [cancelUnsealed(targetRow.id)] : [remove, note]),
    (tx) => tx.withdrawn.add(key, { id: target.id, sender: undefined, part: undefined }),
  ]);
}
