import { BridgeError, type Reason } from "../model/errors.ts";
import type { NetworkId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import { GuardFailed } from "../ports/guards.ts";
import { faultOf, type Log, type LogFields } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { DeadLetter } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";

type Content = Pick<DeadLetter, "key" | "ref" | "body">;

/** The reason of a row that nobody can read. */
export const UNREADABLE = "unreadable row";

const OURS: ReadonlySet<string> = new Set<Reason | typeof UNREADABLE>(["internal", "unstorable", UNREADABLE]);

/** For the log; `row` tells the rows of a queue apart. */
export type RowIds = LogFields & { readonly row: string | number };

/** A row that is given up, whatever its queue. */
export interface GivenUp {
  readonly direction: DeadLetter["direction"];
  readonly reason: string;
  readonly ids: RowIds;
  /** Where it was a message of one of the two people of a chat. */
  readonly network: NetworkId | undefined;
  letter(): Promise<Content>;
  /** Takes it out of its queue. */
  done(tx: Writes): void;
  /** Commits `ended` together with what its person is told. */
  tell(ended: (tx: Writes) => void): Promise<void>;
}

interface PutAsideParts {
  readonly store: Pick<Store, "write" | "logins">;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * The one way a row ends that will not cross: out of its queue, with a dead letter and word to its person, in one
 * commit. Where that cannot be stored a smaller letter is, then one without word, and at last none: a row that is to
 * end ends. Of a login that is no more no letter is kept. Throws only in an outage, or where the row itself cannot be taken out; then nothing is stored.
 */
export async function putAside({ store, clock, log, metrics }: PutAsideParts, row: GivenUp): Promise<void> {
  const { direction, reason, ids, network } = row;
  const rest = { direction, reason, at: clock.now() };
  const bare = { ...rest, key: undefined, ref: "", body: "" };
  const whole = { ...rest, ...((await unlessItFails(() => row.letter())) ?? bare) };
  const letters = [whole, { ...whole, body: "" }, bare, undefined];
  const silently = (ended: (tx: Writes) => void): Promise<void> => store.write(ended);
  for (const say of [(ended: (tx: Writes) => void) => row.tell(ended), silently]) {
    for (const fitting of letters) {
      const { key } = fitting ?? {};
      const letter = key && !(await store.logins.get(key.login)) ? undefined : fitting;
      const stored = await unlessItFails(async () => {
        await say((tx) => {
          if (key && letter) tx.guard({ kind: "login-exists", login: key.login });
          if (letter) tx.deadLetters.add(letter);
          row.done(tx);
        });
        return true;
      });
      if (stored === undefined) continue;
      const told = say !== silently;
      // What a network refuses of a person's own is between the two; what a contact sent was taken, and should cross.
      const level = direction === "to-matrix" || OURS.has(reason) ? "error" : "warn";
      log[level]("a row was put aside", { direction, reason, ...ids, told, kept: letter !== undefined });
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
