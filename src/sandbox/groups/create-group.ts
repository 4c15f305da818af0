import { randomInt } from "node:crypto";
import { GROUP_SERVER } from "../../networks/meta-interop/wire/groups.ts";
import type { NetworkName } from "../config.ts";
import { type Refused, refusedAtDoor } from "./group-admission.ts";
import { acquaint, fits, type GroupError, LONGEST_SUBJECT } from "./group-change.ts";
import { type GroupMember, isSame, jidOf, keyOf, type Somebody } from "./group-member.ts";
import { Told, tellCreated } from "./group-news.ts";
import type { GroupRow } from "./group-table.ts";
import type { Groups } from "./groups.ts";

export type CreateResult =
  | { readonly error: GroupError }
  | { readonly group: GroupRow; readonly refused: ReadonlyMap<string, Refused> };

interface Wanted {
  readonly subject: string;
  /** The creator's own name for the group: who asks again gets the same one. */
  readonly key: string | null;
  readonly jids: readonly string[];
  /** The part before `@g.us`; one is chosen where it is left out. */
  readonly gid?: string | undefined;
}

const freeId = (): string => `1203${randomInt(10_000_000, 99_999_999)}${randomInt(100_000, 999_999)}`;

/** Makes a group of somebody and of those who can come into it; resolves when it is committed and everybody is told. */
export async function createGroup(groups: Groups, creator: Somebody, wanted: Wanted): Promise<CreateResult> {
  const network = creator.kind === "person" ? creator.person.row.network : creator.account.network;
  if (!groups.parts.states.of(network).features.groups) return { error: "405" };
  if (!fits(wanted.subject, LONGEST_SUBJECT)) return { error: "406" };
  const told = new Told();
  const result = await groups.parts.commits.commit(() => make(groups, network, creator, wanted, told));
  told.wake(groups);
  return result;
}

function make(
  groups: Groups,
  network: NetworkName,
  creator: Somebody,
  { subject, key, jids, gid = freeId() }: Wanted,
  told: Told,
): CreateResult {
  const by = jidOf(creator);
  const before = key === null ? undefined : groups.table.byKey(by, key);
  if (before !== undefined) return { group: before, refused: new Map() };
  const jid = `${gid}@${GROUP_SERVER}`;
  if (groups.table.byJid(jid) !== undefined) return { error: "406" };
  const group = groups.table.insert({ jid, network, creator: by, key, subject });
  const members: GroupMember[] = [{ ...creator, part: "superadmin" }];
  const refused = new Map<string, Refused>();
  for (const wantedJid of new Set(jids)) {
    const who = groups.named(network, wantedJid);
    if (who !== undefined && isSame(who, creator)) continue;
    const why = who === undefined ? "404" : refusedAtDoor(groups, group, members, who);
    if (who === undefined || why !== undefined) refused.set(wantedJid, why ?? "404");
    else members.push({ ...who, part: "member" });
  }
  for (const member of members) groups.table.put(group.id, { ...keyOf(member), part: member.part });
  acquaint(groups, members);
  tellCreated(groups, group, creator, members, told);
  return { group, refused };
}
