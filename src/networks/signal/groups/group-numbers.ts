import type { GroupState } from "../group-records.ts";

type Access = GroupState["access"]["members"];

/** Of a member's roles: 1 is the usual one. */
const ADMINISTRATOR = 2;

export const ROLE = { member: 1, admin: ADMINISTRATOR } as const;
export const isAdmin = (role: number): boolean => role === ADMINISTRATOR;

const ACCESS: Readonly<Record<Access, number>> = { anyone: 1, members: 2, admins: 3, nobody: 4 };

export const accessNumber = (access: Access): number => ACCESS[access];

/** What is not said, or not known here, is allowed to nobody. */
export const accessOf = (number: number | undefined): Access => NAMES.get(number ?? 0) ?? "nobody";

const NAMES = new Map((Object.keys(ACCESS) as Access[]).map((name) => [ACCESS[name], name]));
