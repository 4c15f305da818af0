import type { GroupPermissions, Role } from "../../model/groups.ts";
import type { MatrixOutboxRow, Portal } from "../../ports/rows.ts";
import type { Store, Writes } from "../../ports/store.ts";
import type { NetworkEventContext } from "../event-context.ts";

/** The type of an outbox row that is no event: who may write in a group's room changes behind what was written before. */
const PERMISSIONS = "thirdpartychats.permissions";

/** Queues that a group's room shows other permissions. */
export function queuePermissions(
  { writes, changes }: GroupPermissions,
  { outbox, portal, bot }: Pick<NetworkEventContext, "outbox" | "portal" | "bot">,
): (tx: Writes) => void {
  const row = outbox.row(portal.room, bot, { type: PERMISSIONS, content: { writes, changes } });
  return (tx) => tx.matrixOutbox.add(row);
}

export const isPermissions = ({ type }: Pick<MatrixOutboxRow, "type">): boolean => type === PERMISSIONS;

/** Stores a row's permissions for all who share the room, whose lanes then show them. */
export async function storePermissions(
  store: Pick<Store, "portals" | "write">,
  { room, content }: Pick<MatrixOutboxRow, "room" | "content">,
): Promise<void> {
  const permissions = { writes: roleIn(content["writes"]), changes: roleIn(content["changes"]) };
  const groups: readonly Portal[] = await store.portals.ofRoom(room);
  await store.write((tx) => {
    for (const group of groups) tx.portals.setGroup(group, { permissions });
  });
}

const roleIn = (value: unknown): Role => (value === "owner" || value === "admin" ? value : "member");

const WHO: Readonly<Record<Role, string>> = {
  member: "everybody in the group",
  admin: "admins only",
  owner: "its owner only",
};

/** Who may do what, where that changes, in words; empty where nothing does. */
export function permissionWords(before: GroupPermissions, { writes, changes }: GroupPermissions): string {
  return [
    ...(writes === before.writes ? [] : [`written in by ${WHO[writes]}`]),
    ...(changes === before.changes ? [] : [`changed by ${WHO[changes]}`]),
  ].join(", and ");
}
