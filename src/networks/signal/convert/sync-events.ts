import type { RemoteEvent } from "../../../core/model/events.ts";
import type { ChatId, MessageId, PersonId } from "../../../core/model/ids.ts";
import { chatWith, GROUP_ID, groupChat, type MessageName, messageIdOf, personOf } from "../ids.ts";
import type { Target } from "../wire/data-message.ts";
import type { Conversation, Deletion, Sync } from "../wire/sync.ts";

/** Which message of our person's other device it is, and when the server took it. */
interface SyncHead {
  readonly own: PersonId;
  readonly timestamp: number;
  readonly at: number;
  /** The chats of messages that stand in groups, where there are any. */
  readonly groups?: ReadonlyMap<MessageId, ChatId>;
}

type Doing = Extract<Sync, { readonly kind: "read" | "viewed" | "deleteForMe" | "requestAnswered" | "call" }>;

/** What our person did on another device about chats, but for what they wrote. */
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

/** The latest message of each chat says it of all before. */
function readEvents(messages: readonly Target[], { own, at, groups }: SyncHead): RemoteEvent[] {
  const latest = new Map<ChatId, MessageName>();
  for (const { author: name, timestamp } of messages) {
    const author = personOf(name);
    if (author === undefined || author === own) continue;
    const chat = groups?.get(messageIdOf({ author, timestamp })) ?? chatWith(author);
    if (timestamp > (latest.get(chat)?.timestamp ?? 0)) latest.set(chat, { author, timestamp });
  }
  return Array.from(latest, ([chat, name]) => {
    const target = messageIdOf(name);
    return { kind: "read", chat, sender: undefined, id: target, at, target };
  });
}

/** A file that was deleted out of a message stays with it. */
function hiddenEvents(deletion: Deletion, { own, timestamp, at }: SyncHead): RemoteEvent[] {
  const chat = chatOf(deletion.chat);
  if (deletion.kind === "attachment" || chat === undefined) return [];
  if (deletion.kind === "chat") {
    const id = messageIdOf({ author: own, timestamp });
    return [{ kind: "chat-deleted", chat, sender: undefined, id, at }];
  }
  return deletion.messages.flatMap(({ author: name, timestamp }): RemoteEvent[] => {
    const author = personOf(name);
    if (author === undefined) return [];
    const target = messageIdOf({ author, timestamp });
    return [{ kind: "hidden", chat, sender: undefined, id: target, at, target }];
  });
}

function chatOf(conversation: Conversation): ChatId | undefined {
  if ("group" in conversation)
    return conversation.group.length === GROUP_ID ? groupChat(conversation.group) : undefined;
  const person = "person" in conversation ? personOf(conversation.person) : undefined;
  return person && chatWith(person);
}

function answerEvents(
  { person: name, group, answer }: Extract<Sync, { readonly kind: "requestAnswered" }>,
  { own, timestamp, at }: SyncHead,
): RemoteEvent[] {
  const person = personOf(name);
  const chat = group ? chatOf({ group }) : person && chatWith(person);
  if (chat === undefined || person === own) return [];
  const head = { chat, sender: undefined, id: messageIdOf({ author: own, timestamp }), at };
  const accepted = answer === "accept";
  const answered: RemoteEvent = { kind: "request-answered", ...head, accepted };
  // Who blocks a group leaves it, which comes as a change of the group.
  if (person === undefined) return [answered];
  const isBlock = answer === "block" || answer === "blockAndDelete" || answer === "blockAndSpam";
  // Accepting somebody who is blocked lifts that.
  return accepted || isBlock
    ? [answered, { kind: "blocked", ...head, person, blocked: isBlock }]
    : [answered];
}

/** Calls of our person's, each once: it is told that it rings, and that it was taken. Of those to them the room is told when they come. */
function callEvents(
  { id: call, person: name, video, outgoing, call: state }: Extract<Sync, { readonly kind: "call" }>,
  { own, timestamp, at }: SyncHead,
): RemoteEvent[] {
  const person = personOf(name);
  if (person === undefined || !outgoing || state === "other") return [];
  const id = call === 0n ? messageIdOf({ author: own, timestamp }) : (`call/${call}` as MessageId);
  return [{ kind: "call", chat: chatWith(person), sender: undefined, id, at, video }];
}
