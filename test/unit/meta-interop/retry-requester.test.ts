import { expect, test } from "@jest/globals";
import type { LoginId, MessageId, PersonId } from "../../../src/core/model/ids.ts";
import {
  MAX_RETRIES,
  UndecryptableMessages,
} from "../../../src/networks/meta-interop/session/retry/undecryptable-messages.ts";
import { child } from "../../../src/networks/meta-interop/wire/node.ts";
import { openStore } from "../../../src/store/open.ts";

import { hurriedClock } from "../../kit/hurried-clock.ts";
import { InteropPair } from "../../kit/interop-pair.ts";
import { quietLog } from "../../kit/interop-world.ts";

const login = "login-1" as LoginId;
const message = { sender: "1@s.whatsapp.net" as PersonId, id: "m1" as MessageId, at: 1, t: "1" };

test("a message is worth five receipts, counted over restarts, and its end is forgotten", async () => {
  await using store = openStore({ path: ":memory:", log: quietLog });
  let list = await UndecryptableMessages.load(store, login);
  for (let count = 1; count <= MAX_RETRIES; count += 1) {
    expect(list.countFailure(message, 1_000)?.count).toBe(count);
    const counted = list;
    await store.write((tx) => counted.record(tx));
    list = await UndecryptableMessages.load(store, login);
  }
  expect(list.countFailure(message, 1_000)).toBeUndefined();
  expect(list.nextDue()).toBeUndefined();
});

test("patience grows and outlives no clock that is set back, and an unreadable book is an empty one", async () => {
  await using store = openStore({ path: ":memory:", log: quietLog });
  const list = await UndecryptableMessages.load(store, login);
  const waits = Array.from(
    { length: MAX_RETRIES },
    () => (list.countFailure(message, 0)?.until ?? 0) / 1_000,
  );
  expect(waits).toEqual([10, 20, 40, 60, 60]);
  expect(list.due(59_999)).toEqual([]);
  expect(list.due(60_000)).toHaveLength(1);
  expect(list.due(-86_400_000)).toHaveLength(1);
  await store.write((tx) => tx.records.set(`login/${login}`, "undecryptable", "[{}]"));
  expect((await UndecryptableMessages.load(store, login)).nextDue()).toBeUndefined();
});

test("a message that never comes again is asked for five times, then told of in the room", async () => {
  await using pair = await InteropPair.start(hurriedClock);
  pair.gatekeeper.send(pair.ciphertext("m1", { type: "msg", bytes: Buffer.from("garbage") }));
  await pair.sink.until("the notice", () => pair.sink.events[0]);
  expect(pair.sink.events).toMatchObject([{ id: "m1", kind: "undecryptable", senderName: "Wim" }]);
  const counts = pair.gatekeeper.stanzas
    .filter(({ tag, attrs }) => tag === "receipt" && attrs["type"] === "retry")
    .map((receipt) => child(receipt, "retry")?.attrs["count"]);
  expect(counts).toEqual(["1", "2", "3", "4", "5"]);
}, 15_000);

test("that it never came is told even where the disk is full when patience ends", async () => {
  await using pair = await InteropPair.start(hurriedClock);
  const last = pair.gatekeeper.until(
    "the fifth receipt",
    (stanza) => child(stanza, "retry")?.attrs["count"] === "5",
  );
  pair.gatekeeper.send(pair.ciphertext("m1", { type: "msg", bytes: Buffer.from("garbage") }));
  await last;
  pair.sink.failures = 2;
  await pair.sink.until("the notice", () => pair.sink.events[0]);
  expect(pair.sink.events).toMatchObject([{ id: "m1", kind: "undecryptable" }]);
}, 15_000);
