import type { PersonId } from "../../../core/model/ids.ts";
import type { GroupState } from "../group-records.ts";
import { WireError } from "../wire/errors.ts";
import type { GroupChange_Actions as Actions } from "../wire/gen/groups_pb.js";
import { actorOf, applyChange } from "./apply-change.ts";
import type { GroupCipher } from "./group-cipher.ts";
import type { GroupServer } from "./group-server.ts";
import { readState } from "./read-state.ts";
import { loggedActions } from "./signed-change.ts";

/** What the server has of a group that is newer than what is known. */
export type News =
  | { readonly kind: "changes"; readonly changes: readonly Actions[] }
  | { readonly kind: "state"; readonly state: GroupState }
  /** Our person is not in it. */
  | { readonly kind: "closed" }
  /** It is larger than any group of Signal's, or its bytes are none. */
  | { readonly kind: "unreadable"; readonly error: WireError };

/** The most changes that are told one by one; of more only what is so now. */
const MOST_CHANGES = 200;

/** Throws BridgeError where the server cannot be asked. */
export async function fetchNews(
  server: Pick<GroupServer, "group" | "changes">,
  cipher: GroupCipher,
  before: GroupState | undefined,
): Promise<News> {
  try {
    const changes = before && (await fetchChanges(server, cipher, before));
    if (changes) return { kind: "changes", changes };
    const fetched = await server.group(cipher);
    return fetched.kind === "closed"
      ? fetched
      : { kind: "state", state: await readState(cipher, fetched.group) };
  } catch (error) {
    if (error instanceof WireError) return { kind: "unreadable", error };
    throw error;
  }
}

/** Undefined where they do not lead on from the state that is known, or are too many. */
async function fetchChanges(
  server: Pick<GroupServer, "changes">,
  cipher: GroupCipher,
  before: GroupState,
): Promise<readonly Actions[] | undefined> {
  const changes: Actions[] = [];
  let state = before;
  for (;;) {
    const page = await server.changes(cipher, state.revision + 1);
    if (page.kind === "closed") return undefined;
    const { revision } = state;
    for (const { actions, epoch } of page.changes) {
      const known = loggedActions(actions, epoch);
      if (known && known.version <= state.revision) continue;
      const after = known && applyChange(state, known, cipher);
      if (!after || changes.length >= MOST_CHANGES) return undefined;
      changes.push(known);
      state = after;
    }
    if (page.isWhole) return changes;
    if (state.revision === revision) return undefined;
  }
}

interface Step {
  readonly after: GroupState;
  /** Undefined where it is not known whose doing it is. */
  readonly actor: PersonId | undefined;
}

/** The states that news lead to from what is known in this moment, which may be later than what they were fetched for. */
export function* stepsOf(
  news: Extract<News, { readonly kind: "changes" | "state" }>,
  before: GroupState | undefined,
  cipher: GroupCipher,
): Generator<Step> {
  if (news.kind === "state") {
    if (!before || news.state.revision >= before.revision) yield { after: news.state, actor: undefined };
    return;
  }
  let state = before;
  for (const actions of news.changes) {
    if (!state || actions.version <= state.revision) continue;
    const after = applyChange(state, actions, cipher);
    if (!after) return;
    yield { after, actor: actorOf(actions, cipher) };
    state = after;
  }
}
