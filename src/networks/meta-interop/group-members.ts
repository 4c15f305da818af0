import { setImmediate as nextTurn } from "node:timers/promises";
import type { ChatId, LoginId } from "../../core/model/ids.ts";
import type { Store } from "../../core/ports/store.ts";
import { interopGroups, type StoredMember } from "./group-records.ts";

/** Members that are read in one turn of the event loop. */
const PAGE = 1_000;

/** All members of a group that are stored, with those who left; many take some turns of the event loop. */
export async function allMembers(
  { store, login }: { readonly store: Pick<Store, "family">; readonly login: LoginId },
  chat: ChatId,
): Promise<readonly StoredMember[]> {
  const all: StoredMember[] = [];
  for (;;) {
    const page = { after: all.at(-1)?.person, most: PAGE };
    const some = await store.family(interopGroups).members(login, chat, page);
    all.push(...some);
    if (some.length < PAGE) return all;
    await nextTurn();
  }
}
