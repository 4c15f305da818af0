import { expiryOf } from "../expiries/expiry-of.ts";
import type { Part } from "../model/content.ts";
import type { RemoteEvent } from "../model/events.ts";
import type { UserId } from "../model/ids.ts";
import { type EncodedEvent, TARGET } from "../ports/homeserver.ts";
import type { NewMatrixOutboxRow, RowTarget } from "../ports/rows.ts";
import type { MessagePart, Writes } from "../ports/store.ts";
import {
  botSays,
  botSaysOnce,
  ELSEWHERE,
  type NetworkEventContext,
  partRow,
  redactionOf,
  targetOf,
} from "./event-context.ts";
import { notTheirsWords, ownChangeWords } from "./event-words.ts";

type Edit = Extract<RemoteEvent, { kind: "edit" }>;
type Deletion = Extract<RemoteEvent, { kind: "delete" }>;
type Hiding = Extract<RemoteEvent, { kind: "hidden" }>;
type Record = (tx: Writes) => void;

const nothing: Record = () => {};

/**
 * Converts an edit, which replaces the whole message: part by part, with more events where it needs them, and without
 * the ones it does not need any more.
 */
export function convertEdit(event: Edit, context: NetworkEventContext): Record {
  const { encoder, outbox, portal, actor, since } = context;
  if (context.deleted) return nothing;
  if (context.targets.length === 0) return showEditAsMessage(event, context);
  if (context.targets[0]?.sender !== event.sender)
    return botSaysOnce(notTheirsWords("change", context), context);
  const { target: id, sender, at } = event;
  const key = { login: portal.login, chat: portal.chat };
  const [said, ...more] = event.message.parts;
  const revised = encoder.revised({ parts: said ? [said] : [] });
  // Files stay; the first one's caption is in its event or, where captions are apart, in one that goes with the caption.
  const isWords = ({ part }: MessagePart) => !since.files.has(part) || (part === 0 && !encoder.wordsApart);
  const targets = context.targets.filter(isWords);
  const replacements = encoder.wordsApart && since.files.has(0) && isEmpty(said) ? [] : revised;
  // A text that is too long to be shown follows whole, as a file.
  const following = encoder.message({ parts: more }, undefined);
  const editors = targets.slice(0, replacements.length).map((target) => editorOf(context, target));
  if (editors.includes(undefined)) return tellEdit(event, context);
  const changed = targets.slice(0, replacements.length).map(({ part }, index) => ({
    part,
    row: outbox.row(
      portal.room,
      editors[index] ?? actor.user,
      encoder.replacement(replacements[index] as EncodedEvent, TARGET),
      { target: targetOf(context, id, part) },
    ),
  }));
  const added = [...replacements.slice(targets.length), ...following].map((encoded, index) =>
    partRow(encoded, context, { link: { ...key, id, part: context.since.nextPart + index, sender, at } }),
  );
  const unneeded = targets.slice(replacements.length);
  const takeOut = redactParts(event, context, new Set(unneeded.map(({ part }) => part)));
  return (tx) => {
    for (const { part, row } of changed) {
      tx.matrixOutbox.add(row);
      const of = { ...key, id, part, sender, room: row.room, remote: event.id, at: row.createdAt };
      tx.revisions.add({ ...of, row: row.id, event: undefined, original: undefined });
    }
    takeOut(tx);
    for (const row of added) tx.matrixOutbox.add(row);
    for (const { part } of unneeded) tx.withdrawn.add(key, { id, sender, part });
    tx.networkInbox.unpark(key, event.id);
  };
}

/**
 * The user who can edit the event of a part: only its sender. Undefined where that is our person, whom the bridge
 * cannot act as.
 */
function editorOf({ actor, login }: NetworkEventContext, part: MessagePart): UserId | undefined {
  if (!actor.own) return actor.user;
  const by = part.shownBy ?? login.user;
  return by === login.user && actor.user !== by ? undefined : by;
}

/** Tells in a notice what an edit says that cannot be made, as the event is the person's own. */
function tellEdit(event: Edit, context: NetworkEventContext): Record {
  const { portal, encoder, outbox, bot } = context;
  const { target: id, sender, at } = event;
  const words = event.message.parts.map((part) =>
    part.kind === "text" ? part.body.text : part.kind === "media" ? (part.caption?.text ?? "") : "",
  );
  const notice = outbox.row(
    portal.room,
    bot,
    encoder.notice(ownChangeWords(context.since.disappears ? undefined : words.join("\n"), context), TARGET),
    { target: targetOf(context, id, 0) },
  );
  const key = { login: portal.login, chat: portal.chat };
  const of = { ...key, id, part: 0, sender, room: portal.room, remote: event.id, at };
  return (tx) => {
    tx.matrixOutbox.add(notice);
    tx.revisions.add({ ...of, row: undefined, event: undefined, original: undefined });
    tx.networkInbox.unpark(key, event.id);
  };
}

function isEmpty(said: Part | undefined): boolean {
  const words = said?.kind === "media" ? said.caption : said?.kind === "text" ? said.body : undefined;
  return words === undefined || words.text === "";
}

/** Converts a deletion, which redacts everything that shows the message or ever showed it; no edit brings it back. */
export async function convertDeletion(event: Deletion, context: NetworkEventContext): Promise<Record> {
  const { targets, portal, actor } = context;
  if (context.deleted) return nothing;
  const { target: id } = event;
  const key = { login: portal.login, chat: portal.chat };
  const [first] = targets;
  // A group's admin deletes what others wrote.
  const isOthers = targets.some((target) => target.sender !== event.sender);
  const sender = isOthers ? first?.sender : event.sender;
  const whole = { id, sender, part: undefined };
  if (targets.length === 0) {
    const say = botSays(`${actor.name} deleted a message ${ELSEWHERE}`, context);
    return (tx) => {
      tx.withdrawn.add(key, whole);
      say(tx);
    };
  }
  if (isOthers && !(await context.isAdmin(event.sender)))
    return botSaysOnce(notTheirsWords("delete", context), context);
  const takeOut = redactParts(event, context, new Set(targets.map(({ part }) => part)));
  const reactions = context.since.reactions.map((reaction) => redactionOf(reaction, context));
  return (tx) => {
    takeOut(tx);
    for (const row of reactions) if (row) tx.matrixOutbox.add(row);
    for (const reaction of context.since.reactions) tx.reactions.remove(key, id, reaction.sender);
    tx.withdrawn.add(key, whole);
    tx.expiries.remove({ ...key, id, sender });
  };
}

/**
 * Converts the hiding of a message by our person, whoever wrote it: it is taken out of a room that is theirs alone, and
 * stays with everybody else.
 */
export function convertHiding({ target: id }: Hiding, context: NetworkEventContext): Record {
  const { targets, targetGone, portal, since } = context;
  const [first] = targets;
  if (portal.kind !== "direct" || first === undefined || targetGone) return nothing;
  const { sender } = first;
  const key = { login: portal.login, chat: portal.chat };
  const takeOut = redactParts({ target: id, sender }, context, new Set(targets.map(({ part }) => part)));
  const reactions = since.reactions.map((reaction) => redactionOf(reaction, context));
  return (tx) => {
    takeOut(tx);
    for (const row of reactions) if (row) tx.matrixOutbox.add(row);
    for (const reaction of since.reactions) tx.reactions.remove(key, id, reaction.sender);
    // Their own is not withdrawn: the contact may still ask for it again, and gets it.
    if (sender !== undefined) tx.withdrawn.add(key, { id, sender, part: undefined });
    tx.expiries.remove({ ...key, id, sender });
  };
}

/** Redacts parts of a message, with each edit of them. */
function redactParts(
  { target: id, sender }: Pick<Edit | Deletion, "target" | "sender">,
  context: NetworkEventContext,
  parts: ReadonlySet<number>,
): Record {
  const { portal, encoder, outbox, actor, bot } = context;
  // Our person's events may be their own or their ghost's; the bot may redact both.
  const by = actor.own ? bot : actor.user;
  const key = { login: portal.login, chat: portal.chat };
  const rows: (NewMatrixOutboxRow | undefined)[] = Array.from(parts, (part) =>
    outbox.row(portal.room, by, encoder.redaction(TARGET), { target: targetOf(context, id, part) }),
  );
  for (const revision of context.since.revisions) {
    if (revision.sender === sender && parts.has(revision.part)) rows.push(redactionOf(revision, context));
  }
  return (tx) => {
    for (const row of rows) if (row) tx.matrixOutbox.add(row);
    for (const part of parts) tx.revisions.forget(key, { id, part, sender });
  };
}

/** Shows the edit of a message that never came as that message, which it stands for from then on. */
function showEditAsMessage(event: Edit, context: NetworkEventContext): Record {
  const { portal, encoder, outbox, bot, actor } = context;
  const { login, chat } = portal;
  const rows = encoder.message(event.message, undefined).map((encoded, part) =>
    partRow(encoded, context, {
      link: { login, chat, id: event.target, part, sender: event.sender, at: event.at },
    }),
  );
  const [shown] = rows;
  const expiring = expiryOf(login, event, event.target, event.message);
  const words = `${actor.name} changed a message ${ELSEWHERE} This is what it says now.`;
  const target: RowTarget | undefined = shown && { kind: "row", id: shown.id };
  const notice = target
    ? outbox.row(portal.room, bot, encoder.notice(words, TARGET), { target })
    : outbox.row(portal.room, bot, encoder.notice(words));
  return (tx) => {
    for (const row of rows) tx.matrixOutbox.add(row);
    tx.matrixOutbox.add(notice);
    if (expiring) tx.expiries.add(expiring);
    tx.networkInbox.unpark({ login, chat }, event.target);
    tx.networkInbox.unpark({ login, chat }, event.id);
  };
}
