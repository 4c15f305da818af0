import type { Part } from "../model/content.ts";
import type { RemoteEvent } from "../model/events.ts";
import { type EncodedEvent, TARGET } from "../ports/homeserver.ts";
import type { NewMatrixOutboxRow, RowTarget } from "../ports/rows.ts";
import type { Writes } from "../ports/store.ts";
import {
  botSays,
  botSaysOnce,
  ELSEWHERE,
  ghostRow,
  type NetworkEventContext,
  partRow,
  takenOut,
  targetOf,
} from "./event-context.ts";

type Edit = Extract<RemoteEvent, { kind: "edit" }>;
type Deletion = Extract<RemoteEvent, { kind: "delete" }>;
type Record = (tx: Writes) => void;

const nothing: Record = () => {};

/**
 * A contact's edit replaces all of the message: part by part, with further events behind it where it needs more, and
 * without those it does not need any more.
 */
export function edited(event: Edit, scene: NetworkEventContext): Record {
  const { encoder, portal, since } = scene;
  if (scene.deleted) return nothing;
  if (scene.targets.length === 0) return editAlone(event, scene);
  if (scene.targets[0]?.sender !== event.sender) return botSaysOnce(notTheirs("change", scene), scene);
  const { target: id, sender, at } = event;
  const key = { login: portal.login, chat: portal.chat };
  const [said, ...more] = event.message.parts;
  const revised = encoder.revised({ parts: said ? [said] : [] });
  // A file stays, and the words behind it go where there are none any more.
  const targets = since.fileFirst ? scene.targets.filter(({ part }) => part > 0) : scene.targets;
  const fresh = since.fileFirst && isEmpty(said) ? [] : revised;
  // The whole of a text too long to be shown is a file, which follows.
  const behind = encoder.message({ parts: more }, undefined);
  const changed = targets.slice(0, fresh.length).map(({ part }, index) => ({
    part,
    row: ghostRow(encoder.replacement(fresh[index] as EncodedEvent, TARGET), scene, {
      target: targetOf(scene, id, part),
    }),
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

function isEmpty(said: Part | undefined): boolean {
  const words = said?.kind === "media" ? said.caption : said?.kind === "text" ? said.body : undefined;
  return words === undefined || words.text === "";
}

/** A contact's deletion takes out all that shows the message or ever showed it; nothing brings it back. */
export function deleted(event: Deletion, scene: NetworkEventContext): Record {
  const { targets, portal, ghost } = scene;
  if (scene.deleted) return nothing;
  const { target: id, sender } = event;
  const key = { login: portal.login, chat: portal.chat };
  const whole = { id, sender, part: undefined };
  if (targets.length === 0) {
    const say = botSays(`${ghost.name} deleted a message ${ELSEWHERE}`, scene);
    return (tx) => {
      tx.withdrawn.add(key, whole);
      say(tx);
    };
  }
  if (targets.some((target) => target.sender !== sender))
    return botSaysOnce(notTheirs("delete", scene), scene);
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
  const { portal, encoder } = scene;
  const key = { login: portal.login, chat: portal.chat };
  const rows: (NewMatrixOutboxRow | undefined)[] = Array.from(parts, (part) =>
    ghostRow(encoder.redaction(TARGET), scene, { target: targetOf(scene, id, part) }),
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
  const { portal, encoder, outbox, bot, ghost } = scene;
  const { login, chat } = portal;
  const rows = encoder.message(event.message, undefined).map((encoded, part) =>
    partRow(encoded, scene, {
      link: { login, chat, id: event.target, part, sender: event.sender, at: event.at },
    }),
  );
  const [shown] = rows;
  const words = `${ghost.name} changed a message ${ELSEWHERE} This is what it says now.`;
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

const notTheirs = (act: string, { ghost }: NetworkEventContext): string =>
  `${ghost.name} tried to ${act} a message they did not write; it stays as it is.`;
