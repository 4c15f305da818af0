import { setImmediate } from "node:timers/promises";
import type { PersonId } from "../../../core/model/ids.ts";
import type { GroupState } from "../group-records.ts";
import { WireError } from "../wire/errors.ts";
import { actorOf, applyChange } from "./apply-change.ts";
import type { GroupCipher } from "./group-cipher.ts";
import type { GroupServer } from "./group-server.ts";
import { readState } from "./read-state.ts";
import { loggedActions } from "./signed-change.ts";

/** A state that a change led to. */
interface Step {
  readonly after: GroupState;
  /** Undefined where it is not known whose doing it is. */
  readonly actor: PersonId | undefined;
}

/** What the server has of a group that is newer than what is known. */
export type News =
  /** From a revision on. */
  | { readonly kind: "changes"; readonly from: number; readonly steps: readonly Step[] }
  | { readonly kind: "state"; readonly state: GroupState }
  /** Our person is not in it, as was heard when this revision of it was known. */
  | { readonly kind: "closed"; readonly from: number | undefined }
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
    const steps = before && (await fetchSteps(server, cipher, before));
    if (before && steps) return { kind: "changes", from: before.revision, steps };
    const fetched = await server.group(cipher);
    return fetched.kind === "closed"
      ? { kind: "closed", from: before?.revision }
      : { kind: "state", state: await readState(cipher, fetched.group) };
  } catch (error) {
    if (error instanceof WireError) return { kind: "unreadable", error };
    throw error;
  }
}

/** Undefined where they do not lead on from the state that is known, or are too many. */
async function fetchSteps(
  server: Pick<GroupServer, "changes">,
  cipher: GroupCipher,
  before: GroupState,
): Promise<readonly Step[] | undefined> {
  const steps: Step[] = [];
  let state = before;
  for (;;) {
    const page = await server.changes(cipher, state.revision + 1);
    if (page.kind === "closed") return undefined;
    const { revision } = state;
    for (const { actions: bytes, epoch } of page.changes) {
      const actions = loggedActions(bytes, epoch);
      if (actions && actions.version <= state.revision) continue;
      const after = actions && applyChange(state, actions, cipher);
      if (!after || steps.length >= MOST_CHANGES) return undefined;
      steps.push({ after, actor: actorOf(actions, cipher) });
      state = after;
      await setImmediate();
    }
    if (page.isWhole) return steps;
    if (state.revision === revision) return undefined;
  }
}
