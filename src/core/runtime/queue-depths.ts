import type { Metrics } from "../ports/metrics.ts";
import type { Store } from "../ports/store.ts";

/** Sets the metric of the rows that wait in each queue. */
export async function measureQueues(store: Store, metrics: Metrics): Promise<void> {
  const { matrixInbox, matrixOutbox, networkInbox, networkOutbox } = store;
  metrics.set("lane_depth", { queue: "hs_inbox" }, await matrixInbox.count());
  metrics.set("lane_depth", { queue: "hs_outbox" }, await matrixOutbox.count());
  metrics.set("lane_depth", { queue: "net_inbox" }, await networkInbox.count());
  metrics.set("lane_depth", { queue: "net_outbox" }, await networkOutbox.count());
}
