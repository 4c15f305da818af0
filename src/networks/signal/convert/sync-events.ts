import type { RemoteEvent } from "../../../core/model/events.ts";
import type { PersonId } from "../../../core/model/ids.ts";
import { chatWith, messageIdOf, personOf } from "../ids.ts";
import type { Target } from "../wire/data-message.ts";
import type { Deletion, Sync } from "../wire/sync.ts";

/** Which message of our person's other device it is, and when the server took it. */
interface SyncHead {
  readonly own: PersonId;
  readonly timestamp: number;
  readonly at: number;
}

type Doing = Extract<Sync, { readonly kind: "read" | "viewed" | "deleteForMe" | "requestAnswered" | "call" }>;

/** What our person did on another device about chats of two, but for what they wrote. */
export function syncEvents(sync: Doing, head: SyncHead): readonly RemoteEvent[] {
  switch (sync.kind) {
    case "read":
    // Who has heard a voice note has read it too.
    case "viewed":
      return readEvents(sync.messages, head);
    case "deleteForMe":
      return sync.deletions.flatMap((deletion) => hiddenEvents(deletion, head));
    case "requestAnswered":
      return answerEvents(sync, head);
    case "call":
      return callEvents(sync, head);
  }
}

/** The latest message of each contact says it of all before. */
function readEvents(messages: readonly Target[], { own, at }: SyncHead): RemoteEvent[] {
  const latest = new Map<PersonId, number>();
  for (const { author, timestamp } of messages) {
    const person = personOf(author);
    if (person !== undefined && person !== own)
      latest.set(person, Math.max(timestamp, latest.get(person) ?? 0));
  }
  return Array.from(latest, ([author, timestamp]) => {
    const target = messageIdOf({ author, timestamp });
    return { kind: "read", chat: chatWith(author), sender: undefined, id: target, at, target };
  });
}

/** A file that was deleted out of a message stays with it. */
function hiddenEvents(deletion: Deletion, { own, timestamp, at }: SyncHead): RemoteEvent[] {
  const person = "person" in deletion.chat ? personOf(deletion.chat.person) : undefined;
  if (deletion.kind === "attachment" || person === undefined) return [];
  if (deletion.kind === "chat") {
    const id = messageIdOf({ author: own, timestamp });
    return [{ kind: "chat-deleted", chat: chatWith(person), sender: undefined, id, at }];
  }
  return deletion.messages.flatMap(({ author: name, timestamp }): RemoteEvent[] => {
    const author = personOf(name);
    if (author === undefined) return [];
    const target = messageIdOf({ author, timestamp });
    return [{ kind: "hidden", chat: chatWith(person), sender: undefined, id: target, at, target }];
  });
}

function answerEvents(
  { person: name, answer }: Extract<Sync, { readonly kind: "requestAnswered" }>,
  { own, timestamp, at }: SyncHead,
): RemoteEvent[] {
  const person = personOf(name);
  if (person === undefined || person === own) return [];
  const head = { chat: chatWith(person), sender: undefined, id: messageIdOf({ author: own, timestamp }), at };
  const accepted = answer === "accept";
  const answered: RemoteEvent = { kind: "request-answered", ...head, accepted };
  const isBlock = answer === "block" || answer === "blockAndDelete" || answer === "blockAndSpam";
  // Accepting somebody who is blocked lifts that.
  return accepted || isBlock
    ? [answered, { kind: "blocked", ...head, person, blocked: isBlock }]
    : [answered];
}

/** Calls of our person's; of those to them the room is told when they come. */
function callEvents(
  { person: name, video, outgoing, call }: Extract<Sync, { readonly kind: "call" }>,
  { own, timestamp, at }: SyncHead,
): RemoteEvent[] {
  const person = personOf(name);
  if (person === undefined || !outgoing || call === "other") return [];
  const id = messageIdOf({ author: own, timestamp });
  return [{ kind: "call", chat: chatWith(person), sender: undefined, id, at, video }];
}
