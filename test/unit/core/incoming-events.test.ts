import { expect, test } from "@jest/globals";
import { BridgeError } from "../../../src/core/model/errors.ts";
import type { RemoteEvent } from "../../../src/core/model/events.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { FormerIds } from "../../../src/core/runtime/former-ids.ts";
import { IncomingEvents } from "../../../src/core/to-matrix/incoming-events.ts";
import { openStore } from "../../../src/store/open.ts";
import { fromNetwork, fromOurselves, KEY, LOGIN, login } from "../../contract/store-fixtures.ts";
import { quietLog } from "../../kit/interop-world.ts";
import { MemoryNetwork } from "../../kit/memory-network.ts";
import { settle, VirtualClock } from "../../kit/virtual-clock.ts";

const full = new BridgeError("storage", { words: "Full.", certain: true, retryAfter: 0 });

test("what needs a look before it is stored is not stored where what was brought before it could not be", async () => {
  await using store = openStore({ path: ":memory:", log: quietLog });
  await store.write((tx) => tx.logins.add(login()));
  const clock = new VirtualClock();
  const failing = Promise.withResolvers<void>();
  const writes = [() => failing.promise];
  const write: Store["write"] = (record) => writes.shift()?.() ?? store.write(record);
  const formerIds = new FormerIds(store, LOGIN);
  await formerIds.load();
  const brought = new IncomingEvents(
    {
      store: { ...store, write },
      clock,
      unstorable: { fromNetwork: async (_, events, take) => take(events) },
      delivery: { accepted() {}, arrived: async () => () => {} },
    },
    login(),
    new MemoryNetwork(clock),
    formerIds,
  );
  const brings = (...events: readonly RemoteEvent[]) =>
    Promise.allSettled(events.map((event) => brought.accept([event], () => {})));
  const first = brings(fromNetwork("1"), fromOurselves("2"), fromNetwork("3"));
  await settle();
  failing.reject(full);
  expect((await first).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  await brings(fromNetwork("1"), fromOurselves("2"), fromNetwork("3"));
  const stored = await store.networkInbox.next(KEY, 9, Infinity);
  expect(stored.map(({ event }) => event.id)).toEqual(["1", "2", "3"]);
});
