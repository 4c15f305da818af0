import { POWER_LEVELS, roleAt } from "../../chats/groups/power-levels.ts";
import type { GroupChange, GroupPermissions } from "../../model/groups.ts";

/** The level that each act needs, by its field or `events.TYPE` (spec: `m.room.power_levels`). */
export type Needs = Readonly<Record<string, number>>;

/** What may be done where one may not write: whoever changes what writing needs, names no level of these. */
const UNWRITTEN = { "events.m.reaction": 0, "events.m.room.redaction": 0 };

type What = keyof GroupPermissions;

/** The acts that a permission of a group is about. */
const ACTS: Readonly<Record<What, readonly string[]>> = {
  writes: ["events_default"],
  changes: ["events.m.room.name", "events.m.room.topic", "events.m.room.avatar", "invite"],
};

/** The levels that the acts of a permission need. */
export const neededFor = (what: What, needs: Needs): readonly number[] =>
  ACTS[what].map((act) => needs[act] ?? (act.startsWith("events.") ? (needs["state_default"] ?? 50) : 0));

/** What a room's power levels say that acts need. */
export function needsIn(content: Readonly<Record<string, unknown>>): Needs {
  const { events } = content;
  const types = typeof events === "object" && events !== null ? Object.entries(events) : [];
  const all = [...Object.entries(content), ...types.map(([type, level]) => [`events.${type}`, level])];
  return Object.fromEntries(all.filter((entry): entry is [string, number] => typeof entry[1] === "number"));
}

/**
 * The changes of a group's permissions that a room's levels stand for: whoever changes what one act needs, changes the
 * permission, and the others of its acts follow. `rest`: what acts would need without these; undefined `changes` where
 * the levels are nobody's.
 */
export function askedPermissions(
  needs: Needs,
  permissions: GroupPermissions,
): { readonly changes: readonly GroupChange[] | undefined; readonly rest: Needs } {
  const changes: GroupChange[] = [];
  const rest: Record<string, number> = { ...UNWRITTEN, ...needs };
  let fits = true;
  for (const what of ["writes", "changes"] as const) {
    const now = POWER_LEVELS[permissions[what]];
    for (const act of ACTS[what]) rest[act] = now;
    const [level, ...more] = new Set(neededFor(what, needs).filter((one) => one !== now));
    if (level === undefined) continue;
    const role = more.length === 0 ? roleAt(level) : undefined;
    if (role === undefined) fits = false;
    else changes.push({ kind: "permission", what, role });
  }
  return { changes: fits ? changes : undefined, rest };
}
