import { PendingIds } from "../delivery/pending-ids.ts";
import type { PortalKey } from "../model/events.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import { drain } from "../runtime/drain.ts";
import type { Step } from "../runtime/lanes.ts";
import { BatchConversion, type BatchConversionParts } from "./batch-conversion.ts";
import type { LostEventParts } from "./lost-event.ts";
import { networkInboxQueue } from "./network-inbox-queue.ts";
import { oneAtATime } from "./shared/one-at-a-time.ts";

interface HandleNetworkEventsParts extends Omit<BatchConversionParts, "pendingIds">, LostEventParts {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Converts a network's events into rows of the matrix outbox, in order: one step of a chat's lane. */
export function handleNetworkEvents(parts: HandleNetworkEventsParts): (key: PortalKey) => Promise<Step> {
  const { store, networks } = parts;
  const conversionParts = { ...parts, pendingIds: new PendingIds(store, parts.clock) };
  const step = drain(parts, networkInboxQueue(parts), async (key, batch) => {
    const login = await store.logins.get(key.login);
    if (!login) {
      await store.write((tx) => batch.rows.forEach((row) => tx.networkInbox.finish(row.seq)));
      return "more";
    }
    const network = networks.get(login.network);
    // The network was removed from the configuration; its events are shown when it is back.
    if (!network) return "idle";
    return new BatchConversion(conversionParts, batch, { login, network }).run();
  });
  return oneAtATime(parts, step);
}
