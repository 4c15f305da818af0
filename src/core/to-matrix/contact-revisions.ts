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
  takenOut,
  targetOf,
} from "./event-context.ts";
import { notTheirsWords, ownChangeWords } from "./event-words.ts";

type Edit = Extract<RemoteEvent, { kind: "edit" }>;
type Deletion = Extract<RemoteEvent, { kind: "delete" }>;
type Record = (tx: Writes) => void;

const nothing: Record = () => {};

/**
 * A contact's edit replaces all of the message: part by part, with further events behind it where it needs more, and
 * without those it does not need any more.
 */
export function edited(event: Edit, scene: NetworkEventContext): Record {
  const { encoder, outbox, portal, actor, since } = scene;
  if (scene.deleted) return nothing;
  if (scene.targets.length === 0) return editAlone(event, scene);
  if (scene.targets[0]?.sender !== event.sender) return botSaysOnce(notTheirsWords("change", scene), scene);
  const { target: id, sender, at } = event;
  const key = { login: portal.login, chat: portal.chat };
  const [said, ...more] = event.message.parts;
  const revised = encoder.revised({ parts: said ? [said] : [] });
  // A file stays, and the words behind it go where there are none any more.
  const targets = since.fileFirst ? scene.targets.filter(({ part }) => part > 0) : scene.targets;
  const fresh = since.fileFirst && isEmpty(said) ? [] : revised;
  // The whole of a text too long to be shown is a file, which follows.
  const behind = encoder.message({ parts: more }, undefined);
  const changers = targets.slice(0, fresh.length).map((target) => changerOf(scene, target));
  if (changers.includes(undefined)) return changedElsewhere(event, scene);
  const changed = targets.slice(0, fresh.length).map(({ part }, index) => ({
    part,
    row: outbox.row(
      portal.room,
      changers[index] ?? actor.user,
      encoder.replacement(fresh[index] as EncodedEvent, TARGET),
      { target: targetOf(scene, id, part) },
    ),
  }));
  const added = [...fresh.slice(targets.length), ...behind].map((encoded, index) =>
    partRow(encoded, scene, { link: { ...key, id, part: scene.since.nextPart + index, sender, at } }),
  );
  const needless = targets.slice(fresh.length);
  const takeOut = withoutParts(event, scene, new Set(needless.map(({ part }) => part)));
  return (tx) => {
    for (const { part, row } of changed) {
      tx.matrixOutbox.add(row);
      const of = { ...key, id, part, sender, room: row.room, remote: event.id, at: row.createdAt };
      tx.revisions.add({ ...of, row: row.id, event: undefined, original: undefined });
    }
    takeOut(tx);
    for (const row of added) tx.matrixOutbox.add(row);
    for (const { part } of needless) tx.withdrawn.add(key, { id, sender, part });
    tx.networkInbox.unpark(key, event.id);
  };
}

/** Who can change the event of a part: nobody but who sent it. Undefined where that is our person, who cannot be acted for. */
function changerOf({ actor, login }: NetworkEventContext, part: MessagePart): UserId | undefined {
  if (!actor.own) return actor.user;
  const by = part.shownBy ?? login.user;
  return by === login.user && actor.user !== by ? undefined : by;
}

/** Their own event says what it said; what it says there is told below it. */
function changedElsewhere(event: Edit, scene: NetworkEventContext): Record {
  const { portal, encoder, outbox, bot } = scene;
  const { target: id, sender, at } = event;
  const words = event.message.parts.map((part) =>
    part.kind === "text" ? part.body.text : part.kind === "media" ? (part.caption?.text ?? "") : "",
  );
  const notice = outbox.row(
    portal.room,
    bot,
    encoder.notice(ownChangeWords(words.join("\n"), scene), TARGET),
    { target: targetOf(scene, id, 0) },
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

/** A contact's deletion takes out all that shows the message or ever showed it; nothing brings it back. */
export function deleted(event: Deletion, scene: NetworkEventContext): Record {
  const { targets, portal, actor } = scene;
  if (scene.deleted) return nothing;
  const { target: id, sender } = event;
  const key = { login: portal.login, chat: portal.chat };
  const whole = { id, sender, part: undefined };
  if (targets.length === 0) {
    const say = botSays(`${actor.name} deleted a message ${ELSEWHERE}`, scene);
    return (tx) => {
      tx.withdrawn.add(key, whole);
      say(tx);
    };
  }
  if (targets.some((target) => target.sender !== sender))
    return botSaysOnce(notTheirsWords("delete", scene), scene);
  const takeOut = withoutParts(event, scene, new Set(targets.map(({ part }) => part)));
  const reactions = scene.since.reactions.map((reaction) => takenOut(reaction, scene));
  return (tx) => {
    takeOut(tx);
    for (const row of reactions) if (row) tx.matrixOutbox.add(row);
    for (const reaction of scene.since.reactions) tx.reactions.remove(key, id, reaction.sender);
    tx.withdrawn.add(key, whole);
  };
}

/** Takes parts of a message out of the room, with each edit of them. */
function withoutParts(
  { target: id, sender }: Edit | Deletion,
  scene: NetworkEventContext,
  parts: ReadonlySet<number>,
): Record {
  const { portal, encoder, outbox, actor, bot } = scene;
  // Our person's may be by themself or by a ghost of theirs; the bot may take out both.
  const by = actor.own ? bot : actor.user;
  const key = { login: portal.login, chat: portal.chat };
  const rows: (NewMatrixOutboxRow | undefined)[] = Array.from(parts, (part) =>
    outbox.row(portal.room, by, encoder.redaction(TARGET), { target: targetOf(scene, id, part) }),
  );
  for (const revision of scene.since.revisions) {
    if (revision.sender === sender && parts.has(revision.part)) rows.push(takenOut(revision, scene));
  }
  return (tx) => {
    for (const row of rows) if (row) tx.matrixOutbox.add(row);
    for (const part of parts) tx.revisions.forget(key, { id, part, sender });
  };
}

/** An edit of what never came is shown as the message it makes, and takes the place of that one from then on. */
function editAlone(event: Edit, scene: NetworkEventContext): Record {
  const { portal, encoder, outbox, bot, actor } = scene;
  const { login, chat } = portal;
  const rows = encoder.message(event.message, undefined).map((encoded, part) =>
    partRow(encoded, scene, {
      link: { login, chat, id: event.target, part, sender: event.sender, at: event.at },
    }),
  );
  const [shown] = rows;
  const words = `${actor.name} changed a message ${ELSEWHERE} This is what it says now.`;
  const target: RowTarget | undefined = shown && { kind: "row", id: shown.id };
  const notice = target
    ? outbox.row(portal.room, bot, encoder.notice(words, TARGET), { target })
    : outbox.row(portal.room, bot, encoder.notice(words));
  return (tx) => {
    for (const row of rows) tx.matrixOutbox.add(row);
    tx.matrixOutbox.add(notice);
    tx.networkInbox.unpark({ login, chat }, event.target);
    tx.networkInbox.unpark({ login, chat }, event.id);
  };
}
