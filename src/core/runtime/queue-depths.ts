import type { Metrics } from "../ports/metrics.ts";
import type { Store } from "../ports/store.ts";

/** Says how many rows wait in each queue. */
export async function measureQueues(store: Store, metrics: Metrics): Promise<void> {
  const { hsInbox, hsOutbox, netInbox, netOutbox } = store;
  metrics.set("lane_depth", { queue: "hs_inbox" }, await hsInbox.count());
  metrics.set("lane_depth", { queue: "hs_outbox" }, await hsOutbox.count());
  metrics.set("lane_depth", { queue: "net_inbox" }, await netInbox.count());
  metrics.set("lane_depth", { queue: "net_outbox" }, await netOutbox.count());
}
