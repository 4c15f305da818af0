import type { RemoteEvent, UnplacedDeletion } from "../../../core/model/events.ts";
import type { ChatId, LoginId, PersonId } from "../../../core/model/ids.ts";
import type { Writes } from "../../../core/ports/store.ts";
import type { GroupState } from "../group-records.ts";
import { isBlocked } from "../is-blocked.ts";
import type { LoginContext } from "../login-context.ts";
import { signalFamily } from "../records.ts";
import { knownName } from "../shown-name.ts";
import { groupEvents, invitationOf } from "./group-events.ts";
import { tellJoinRequests } from "./join-requests.ts";

/** What is committed at once, as far as it is about groups. */
export interface GroupBatch {
  readonly events: (RemoteEvent | UnplacedDeletion)[];
  readonly writes: ((tx: Writes) => void)[];
  /** The groups' states as this batch leaves them. */
  readonly groups: Map<ChatId, GroupState>;
}

interface StateChange {
  readonly chat: ChatId;
  readonly before: GroupState;
  readonly after: GroupState;
  /** Whose doing it is. */
  readonly actor: PersonId;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

type Context = Pick<LoginContext, "login" | "store" | "network" | "own" | "ownNumber">;

/** Puts what a change does to a group into a batch. */
export async function takeChange(
  context: Context & Pick<LoginContext, "sink">,
  batch: GroupBatch,
  change: StateChange,
): Promise<void> {
  await tellJoinRequests(context, change);
  batch.events.push(...(await eventsOf(context, change)));
  batch.writes.push((tx) => keepState(tx, context.login, change));
  batch.groups.set(change.chat, change.after);
}

/** What a change is in the group's room. */
export async function eventsOf(context: Context, change: StateChange): Promise<readonly RemoteEvent[]> {
  const { before, after, actor } = change;
  const { own, ownNumber } = context;
  const by = invitationOf(after, context)?.by ?? actor;
  const names = await namesOf(context, [actor, by, ...movedBetween(before, after)]);
  const events = [...groupEvents(before, after, { ...change, own, ownNumber, names })];
  // Whom our person blocked asks them nothing.
  if (!events.some(({ kind }) => kind === "group-invited") || !(await isBlocked(context, by))) return events;
  return events.filter(({ kind }) => kind !== "group-invited");
}

/** What follows from a group's state: its timer, and its members' profile keys. */
export function keepState(
  tx: Writes,
  login: LoginId,
  { chat, before, after }: Pick<StateChange, "chat" | "after"> & { readonly before: GroupState | undefined },
): void {
  const signal = tx.family(signalFamily);
  signal.setGroupState(login, chat, after);
  // A group's changes are counted by its revisions, from 0; a timer's from 1.
  if (after.timer !== before?.timer)
    signal.setTimer(login, chat, { seconds: after.timer, version: after.revision + 1 });
  const known = new Map(before?.members.map(({ person, profileKey }) => [person, profileKey]));
  for (const { person, profileKey } of after.members) {
    if (profileKey === "" || known.get(person) === profileKey) continue;
    const key = Uint8Array.from(Buffer.from(profileKey, "base64"));
    // Only the member changes the key that the group has of them; of a new one it may be an old key.
    if (known.has(person)) signal.setProfileKey(login, person, key);
    else signal.offerProfileKey(login, person, key);
  }
}

/** What people are called here, of those who are. */
export async function namesOf(
  context: Pick<LoginContext, "login" | "store" | "network">,
  people: readonly PersonId[],
): Promise<ReadonlyMap<PersonId, string>> {
  const names = new Map<PersonId, string>();
  for (const person of people) {
    const { profile } = (await context.store.family(signalFamily).recipient(context.login, person)) ?? {};
    const name = await knownName(context, { profile, person });
    if (name !== undefined) names.set(person, name);
  }
  return names;
}

function movedBetween(before: GroupState, after: GroupState): readonly PersonId[] {
  const were = new Set(before.members.map(({ person }) => person));
  const are = new Set(after.members.map(({ person }) => person));
  return [...were, ...are].filter((person) => !were.has(person) || !are.has(person));
}
