import { type Chat, isGroupChat, type Message, type PhoneItem } from "./phone.ts";

const about = new Set(["reaction", "edit", "delete", "receipt"]);
const ticks = ["delivered", "read", "played"] as const;

const higher = <T extends string>(now: T | undefined, next: T, order: readonly string[]): T =>
  now !== undefined && order.indexOf(now) >= order.indexOf(next) ? now : next;

/** Chats of a phone by visible id of the other side. */
export type Chats = Map<string, Chat>;

/** The chats as a list, the one with the latest message first. */
export const inOrder = (chats: Chats): readonly Chat[] => [...chats.values()].sort((a, b) => b.last - a.last);

export function emptyChat(who: string, name: string): Chat {
  return { with: who, name, last: 0, messages: [], waiting: [] };
}

function chatOf(chats: Chats, item: PhoneItem): Chat {
  const chat = chats.get(item.chat) ?? emptyChat(item.chat, item.chat);
  chats.set(item.chat, chat);
  if (isGroupChat(item.chat)) {
    if (item.change === "created" || item.change === "renamed") chat.name = item.text ?? chat.name;
  } else if (item.own !== true) chat.name = item.from_name;
  return chat;
}

/** A message of this id; ids are the sender's, so that both sides may have used the same one. */
const find = (chat: Chat, id: string | undefined, fits: (message: Message) => boolean): Message | undefined =>
  chat.messages.findLast((one) => one.item.id === id && fits(one));

/** The author of the message that an edit or deletion is about: in a group perhaps another member. */
function byAuthorOf(item: PhoneItem): (message: Message) => boolean {
  if (!isGroupChat(item.chat)) return ({ item: target }) => (target.own === true) === (item.own === true);
  return ({ item: target }) => target.from === (item.target_from ?? item.from);
}

function react(message: Message, item: PhoneItem): void {
  const { own, emoji = "" } = item;
  if (own === true || !isGroupChat(item.chat)) {
    message[own === true ? "mine" : "theirs"] = emoji;
    return;
  }
  message.reactions = { ...message.reactions, [item.from]: emoji };
  const others = Object.values(message.reactions).filter((one) => one !== "");
  message.theirs = [...new Set(others)].join(" ");
}

/** Applies what is about an earlier message; false when that is not there. */
function apply(chat: Chat, item: PhoneItem): boolean {
  const own = item.own === true;
  const byOther = ({ item: target }: Message): boolean => (target.own === true) !== own;
  if (item.kind === "reaction") {
    const message = find(chat, item.target, () => true);
    if (message === undefined) return false;
    react(message, item);
    return true;
  }
  if (item.kind === "receipt") {
    const message = find(chat, item.target, byOther);
    const receipt = item.receipt ?? "delivered";
    if (message === undefined) return false;
    if (!own) message.tick = higher(message.tick, receipt, ticks);
    else if (receipt !== "delivered") message.marked = higher(message.marked, receipt, ticks);
    return true;
  }
  const message = find(chat, item.target, byAuthorOf(item));
  if (message === undefined) return false;
  if (item.kind === "delete") message.deleted = true;
  else message.edited = item.text ?? "";
  return true;
}

/** Shows one more item of the journal. */
export function applyItem(chats: Chats, item: PhoneItem): void {
  const chat = chatOf(chats, item);
  if (item.kind === "typing") {
    if (item.on === true)
      chat.typing = {
        voice: item.voice === true,
        at: item.at,
        ...(isGroupChat(item.chat) ? { name: item.from_name } : {}),
      };
    else delete chat.typing;
    return;
  }
  if (item.repeat === true) return;
  if (item.own !== true && item.kind !== "receipt") delete chat.typing;
  if (about.has(item.kind)) {
    if (!apply(chat, item)) chat.waiting.push(item);
    return;
  }
  const same = item.own === true;
  const before = chat.messages.findIndex(
    (one) =>
      one.item.id === item.id &&
      (one.item.own === true) === same &&
      (!isGroupChat(item.chat) || one.item.from === item.from),
  );
  // What could not be decrypted comes again under its id, and takes its place.
  if (before >= 0) chat.messages[before] = { item };
  else chat.messages.push({ item });
  chat.last = item.at;
  const waiting = chat.waiting.splice(0);
  for (const one of waiting) if (!apply(chat, one)) chat.waiting.push(one);
}

/** Messages that came and that the person has not marked as read. */
export const unread = ({ messages }: Chat): readonly Message[] =>
  messages.filter(
    ({ item, marked, deleted }) =>
      item.own !== true &&
      item.kind !== "undecryptable" &&
      item.kind !== "group" &&
      marked === undefined &&
      deleted !== true,
  );
