import type { ChatId, PersonId } from "../../../../core/model/ids.ts";
import { chatWith, GROUP_ID, groupChat, isGroupChat } from "../../ids.ts";
import type { LoginContext } from "../../login-context.ts";
import { signalFamily } from "../../records.ts";
import type { Batch } from "../batch.ts";

type Context = Pick<LoginContext, "store" | "login">;

/** The chat of a group that somebody is in; undefined where they are not, or it is not known. */
export async function chatOfMember(
  context: Context,
  batch: Pick<Batch, "groups">,
  groupId: Uint8Array,
  person: PersonId,
): Promise<ChatId | undefined> {
  if (groupId.length !== GROUP_ID) return undefined;
  const chat = groupChat(groupId);
  return (await isIn(context, batch, chat, person)) ? chat : undefined;
}

/** The chat of a message that cannot be read: what it says outside counts where its sender is in that group. */
export const unreadChat = async (
  context: Context,
  batch: Pick<Batch, "groups">,
  { group, sender }: { readonly group?: Uint8Array | undefined; readonly sender: PersonId },
): Promise<ChatId> => (group && (await chatOfMember(context, batch, group, sender))) ?? chatWith(sender);

/** Whether somebody takes part in a chat: who is in no group has no say in it. */
export async function isIn(
  { store, login }: Context,
  { groups }: Pick<Batch, "groups">,
  chat: ChatId,
  person: PersonId,
): Promise<boolean> {
  if (!isGroupChat(chat)) return chat === chatWith(person);
  const state = groups.get(chat) ?? (await store.family(signalFamily).group(login, chat))?.state;
  return state?.members.some((member) => member.person === person) === true;
}
