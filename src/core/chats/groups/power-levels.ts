import type { Role } from "../../model/groups.ts";

/** Power levels by role; below the bot's 100, so that only the bot may change what the room is. */
export const POWER_LEVELS: Readonly<Record<Role, number>> = { member: 0, admin: 50, owner: 75 };

/**
 * The power level of one of our own people with a role: just above others' of the same, whom the network lets them
 * remove and demote, and Matrix only lets somebody above.
 */
export const ownLevel = (role: Role): number => (role === "member" ? 0 : POWER_LEVELS[role] + 1);

/** The role that one of our own people is given by a power level; undefined where it is none's. */
export const ownRoleAt = (level: number): Role | undefined =>
  (Object.keys(POWER_LEVELS) as Role[]).find(
    (role) => level === POWER_LEVELS[role] || level === ownLevel(role),
  );

/** The role that a power level stands for; undefined where it is none's. */
export const roleAt = (level: number): Role | undefined =>
  (Object.keys(POWER_LEVELS) as Role[]).find((role) => POWER_LEVELS[role] === level);
