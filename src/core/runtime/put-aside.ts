import { BridgeError, type Reason } from "../model/errors.ts";
import type { NetworkId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import { GuardFailed } from "../ports/guards.ts";
import { faultOf, type Log, type LogFields } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { DeadLetter } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";

type Content = Pick<DeadLetter, "key" | "ref" | "body">;

/** The reason of a damaged row. */
export const UNREADABLE = "unreadable row";

const OURS: ReadonlySet<string> = new Set<Reason | typeof UNREADABLE>(["internal", "unstorable", UNREADABLE]);

/** A row's ids for the log; `row` is unique in its queue. */
export type RowIds = LogFields & { readonly row: string | number };

/** A row of any queue that is given up. */
export interface GivenUp {
  readonly direction: DeadLetter["direction"];
  readonly reason: string;
  readonly ids: RowIds;
  /** The network, where the row was a message in a chat. */
  readonly network: NetworkId | undefined;
  deadLetter(): Promise<Content>;
  /** Takes the row out of its queue. */
  done(tx: Writes): void;
  /** Commits `ended` together with a notice to the person. */
  tell(ended: (tx: Writes) => void): Promise<void>;
}

interface PutAsideParts {
  readonly store: Pick<Store, "write" | "logins">;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Ends a row that is given up: takes it out of its queue, with a dead letter and a notice to its person, in one commit.
 * What cannot be stored is left out: first parts of the dead letter, then the notice, then both. No dead letter is kept
 * of a removed login. Throws only in an outage, or when the row cannot be taken out; then nothing is stored.
 */
export async function putAside({ store, clock, log, metrics }: PutAsideParts, row: GivenUp): Promise<void> {
  const { direction, reason, ids, network } = row;
  const rest = { direction, reason, at: clock.now() };
  const bare = { ...rest, key: undefined, ref: "", body: "" };
  const whole = { ...rest, ...((await unlessItFails(() => row.deadLetter())) ?? bare) };
  const letters = [whole, { ...whole, body: "" }, bare, undefined];
  const silently = (ended: (tx: Writes) => void): Promise<void> => store.write(ended);
  for (const say of [(ended: (tx: Writes) => void) => row.tell(ended), silently]) {
    for (const fitting of letters) {
      const { key } = fitting ?? {};
      const deadLetter = key && !(await store.logins.get(key.login)) ? undefined : fitting;
      const stored = await unlessItFails(async () => {
        await say((tx) => {
          if (key && deadLetter) tx.guard({ kind: "login-exists", login: key.login });
          if (deadLetter) tx.deadLetters.add(deadLetter);
          row.done(tx);
        });
        return true;
      });
      if (stored === undefined) continue;
      const told = say !== silently;
      // A network may refuse a person's message, which is no fault of the bridge; a contact's message should always arrive.
      const level = direction === "to-matrix" || OURS.has(reason) ? "error" : "warn";
      log[level]("a row was put aside", { direction, reason, ...ids, told, kept: deadLetter !== undefined });
      if (network !== undefined) metrics.count("messages", { direction, network, outcome: "failed" });
      return;
    }
  }
  throw new Error("a row cannot be taken out of its queue");

  async function unlessItFails<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      if (!(error instanceof GuardFailed))
        log.warn("a row cannot be put aside so", { ...ids, ...faultOf(error) });
      return undefined;
    }
  }
}
