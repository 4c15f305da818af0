import { setImmediate as nextTurn } from "node:timers/promises";
import type { ChatId } from "../../../core/model/ids.ts";
import { allMembers } from "../group-members.ts";
import { interopGroups } from "../group-records.ts";
import type { LoginContext } from "../session/login-context.ts";
import type { GroupDescription } from "../wire/groups.ts";
import { changedMembers, describedWrites, MemberList } from "./group-description.ts";

/** Members of a description that are read, or stored, in one turn of the event loop. */
const SLICE = 500;

/** Whether a description is too long to be stored in one commit. */
export const isLong = ({ members }: GroupDescription): boolean => members.length > SLICE;

/**
 * Stores a whole description, some members at a time, as a group may have thousands; what it says of the group itself
 * comes last, without which its members are nobody's.
 */
export async function storeWhole(
  context: LoginContext,
  chat: ChatId,
  description: GroupDescription,
): Promise<void> {
  const { store, login } = context;
  // Of many, the answer took its time to be decoded, and what is stored takes some to be read.
  if (isLong(description)) await nextTurn();
  const list = new MemberList(description.members, context);
  while (list.read(SLICE)) await nextTurn();
  const members = list.all;
  const before = await allMembers(context, chat);
  if (before.length > SLICE) await nextTurn();
  const changed = changedMembers(members, before);
  while (changed.length > SLICE) {
    const some = changed.splice(0, SLICE);
    await store.write((tx) => {
      const groups = tx.family(interopGroups);
      for (const member of some) groups.setMember(login, chat, member);
    });
  }
  await store.write(describedWrites(context, chat, { description, members, changed }, before));
}
