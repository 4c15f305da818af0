import { expect, test } from "@jest/globals";
import type { RoomId } from "../../../src/core/model/ids.ts";
import { noMetrics } from "../../../src/core/ports/metrics.ts";
import { Lanes } from "../../../src/core/runtime/lanes.ts";
import { MatrixIntake } from "../../../src/core/to-network/matrix-intake.ts";
import { openStore } from "../../../src/store/open.ts";
import { fromMatrix, ROOM } from "../../contract/store-fixtures.ts";
import { quietLog } from "../../kit/interop-world.ts";
import { atOnce } from "../../kit/scheduler.ts";
import { settle, VirtualClock } from "../../kit/virtual-clock.ts";

test("what came is handled once it is whole and the connections it may need are under way, whichever is last", async () => {
  const room = "!a" as RoomId;
  for (const wholeFirst of [true, false]) {
    await using store = openStore({ path: ":memory:", log: quietLog });
    const handled: RoomId[] = [];
    await using lanes = new Lanes<RoomId>({
      name: "rooms",
      textOf: (key) => key,
      clock: new VirtualClock(),
      scheduler: atOnce,
      random: { uuid: () => crypto.randomUUID() },
      log: quietLog,
    });
    lanes.begin(async (key) => {
      handled.push(key);
      return "idle";
    });
    const unstorable = {
      fromMatrix: async () => {
        throw new Error("nothing was taken");
      },
    };
    const notice = () => {
      throw new Error("nothing was missed");
    };
    const intake = new MatrixIntake({
      store,
      lanes,
      notice,
      unstorable,
      clock: new VirtualClock(),
      metrics: noMetrics,
      rolledBack: () => {},
      keysCame: () => {},
      tellAdministrators: async () => {},
    });
    lanes.wake(room);
    if (wholeFirst) await intake.gapClosed();
    else intake.resume();
    await settle();
    expect(handled).toEqual([]);
    if (wholeFirst) intake.resume();
    else await intake.gapClosed();
    await settle();
    expect(handled).toEqual([room]);
  }
});

test("what is taken again, one by one, while a gap closes does not wait for the next one", async () => {
  await using store = openStore({ path: ":memory:", log: quietLog });
  await using lanes = new Lanes<RoomId>({
    name: "rooms",
    textOf: (key) => key,
    clock: new VirtualClock(),
    scheduler: atOnce,
    random: { uuid: () => crypto.randomUUID() },
    log: quietLog,
  });
  const intake: MatrixIntake = new MatrixIntake({
    store,
    lanes,
    notice: () => {
      throw new Error("nothing was missed");
    },
    unstorable: {
      async fromMatrix(events, take) {
        await intake.gapClosed();
        await take(events);
      },
    },
    clock: new VirtualClock(),
    metrics: noMetrics,
    rolledBack: () => {},
    keysCame: () => {},
    tellAdministrators: async () => {},
  });
  await intake.take([fromMatrix("1")], "push");
  expect((await store.matrixInbox.next(ROOM, 9)).map(({ event }) => event.id)).toEqual(["$1"]);
});
