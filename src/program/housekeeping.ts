import type { Clock } from "../core/ports/clock.ts";
import { faultOf, type Log } from "../core/ports/log.ts";
import type { Metrics } from "../core/ports/metrics.ts";
import type { Store } from "../core/ports/store.ts";
import { measureQueues } from "../core/runtime/queue-depths.ts";
import type { Encryption } from "../matrix/crypto/encryption.ts";
import { sweepKeys } from "../matrix/crypto/renewal/sweep-keys.ts";

const SWEEP_EVERY = 3_600_000;
const MEASURE_EVERY = 15_000;

interface HousekeepingParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly encryption: Pick<Encryption, "measure"> | undefined;
  /** Whether all that the homeserver tells is known. */
  readonly isKnown: () => boolean;
}

/** Removes records whose time is over, and keeps the metrics of the queues and keys up to date; disposing ends that. */
export async function startHousekeeping({
  store,
  clock,
  log,
  metrics,
  encryption,
  isKnown,
}: HousekeepingParts): Promise<Disposable> {
  const ends = new DisposableStack();
  ends.defer(every(SWEEP_EVERY, () => store.write((tx) => tx.records.sweep(clock.now())), log));
  const sweep = async () => (isKnown() ? sweepKeys(store, clock.now()) : undefined);
  if (encryption) ends.defer(every(SWEEP_EVERY, sweep, log));
  const measure = (): Promise<void> => {
    encryption?.measure();
    return measureQueues(store, metrics);
  };
  await measure();
  ends.defer(every(MEASURE_EVERY, measure, log));
  return ends;
}

function every(ms: number, act: () => Promise<void>, log: Log): () => void {
  const timer = setInterval(() => {
    act().catch((error: unknown) => log.warn("housekeeping failed", faultOf(error)));
  }, ms);
  return () => clearInterval(timer);
}
