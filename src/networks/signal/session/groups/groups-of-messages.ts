import { setImmediate } from "node:timers/promises";
import type { ChatId, MessageId } from "../../../../core/model/ids.ts";
import { isGroupChat, type MessageName, messageIdOf } from "../../ids.ts";
import type { LoginContext } from "../../login-context.ts";

type Context = Pick<LoginContext, "store" | "login" | "own">;

/** How many messages are looked up in one turn. */
const SLICE = 50;

/** The groups of messages that are named without their chat: of those that are known, and stand in one. */
export async function groupsOf(
  context: Context,
  names: Iterable<MessageName>,
): Promise<ReadonlyMap<MessageId, ChatId>> {
  const groups = new Map<MessageId, ChatId>();
  let count = 0;
  for (const name of names) {
    const chat = await groupOf(context, name);
    if (chat !== undefined) groups.set(messageIdOf(name), chat);
    count += 1;
    if (count % SLICE === 0) await setImmediate();
  }
  return groups;
}

async function groupOf({ store, login, own }: Context, name: MessageName): Promise<ChatId | undefined> {
  const id = messageIdOf(name);
  const isOwn = name.author === own;
  const sender = isOwn ? undefined : name.author;
  const chat =
    (isOwn ? await store.networkOutbox.chatOf(login, id) : undefined) ??
    (await store.networkInbox.chatOf(login, { sender, id }));
  return chat !== undefined && isGroupChat(chat) ? chat : undefined;
}
