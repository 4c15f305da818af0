import type { PortalKey } from "../../model/events.ts";
import type { GroupInfo } from "../../model/groups.ts";
import type { Store, Writes } from "../../ports/store.ts";

/**
 * The most members whom a group's room shows, whoever they are. In a larger group only its admins and those who write
 * are shown.
 */
const MAX_SHOWN = 2_000;
/** The most admins of a larger group who are brought in before they write. */
const MAX_ADMINS = 300;

/** The scope of the records of groups that are larger, with how many they were. */
const scope = ({ login }: PortalKey): string => `login/${login}/crowd`;

/** Those of a new group whom its room is to show. */
export function shownOf({ members }: Pick<GroupInfo, "members">): GroupInfo["members"] {
  if (members.length <= MAX_SHOWN) return members;
  const own = members.filter(({ person }) => person === undefined);
  const admins = members.filter(({ person, role }) => person !== undefined && role !== "member");
  return [...own, ...admins.slice(0, MAX_ADMINS)];
}

export const setCrowd = (tx: Writes, key: PortalKey, size: number): void =>
  tx.records.set(scope(key), key.chat, String(size));

/** How many are in a group that is too large to show them all; undefined where they are shown. */
export async function crowdOf(
  { records }: Pick<Store, "records">,
  key: PortalKey,
): Promise<number | undefined> {
  const size = await records.get(scope(key), key.chat);
  return size === undefined ? undefined : Number(size);
}

/** Whether members who join are not shown any more until they write. */
export async function isCrowded(
  store: Pick<Store, "records" | "portalMembers">,
  key: PortalKey,
): Promise<boolean> {
  return (await crowdOf(store, key)) !== undefined || (await store.portalMembers.count(key)) >= MAX_SHOWN;
}

export const crowdWords = (size: number): string =>
  `This group has ${size} members. Its admins are shown here as members of this room, and whoever writes; the others are not, as they are too many.`;
