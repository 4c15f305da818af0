import { expect, test } from "@jest/globals";
import type { MatrixEvent } from "../../src/core/model/events.ts";
import type { EventId, UserId } from "../../src/core/model/ids.ts";
import type { HomeserverSink } from "../../src/core/ports/homeserver-sink.ts";
import { noMetrics } from "../../src/core/ports/metrics.ts";
import { Encryption } from "../../src/matrix/crypto/encryption.ts";
import { ANA, BOT, Bridge, event, GHOST, ROOM } from "../kit/crypto-bridge.ts";

const sink: HomeserverSink = {
  take: async () => undefined,
  gapOpened: () => undefined,
  gapClosed: async () => undefined,
  rolledBack: async () => undefined,
  missed: async () => undefined,
};

/** Encryption in a room whose state says what it says. */
async function inRoom() {
  const stack = new AsyncDisposableStack();
  const bridge = stack.use(await new Bridge().start());
  const room = { isEncrypted: false, isAway: false, asked: 0 };
  const encryption = () =>
    stack.use(
      new Encryption({
        store: bridge.store,
        requests: bridge.server,
        bot: BOT,
        isOurs: (user: UserId) => user === BOT || user === GHOST,
        members: async () => [ANA, BOT, GHOST],
        async isEncrypted() {
          room.asked += 1;
          if (room.isAway) throw new Error("away");
          return room.isEncrypted;
        },
        trust: "any",
        isDefault: false,
        isRequired: false,
        metrics: noMetrics,
        clock: { now: () => Date.now(), after: () => () => undefined },
      }),
    );
  return { bridge, room, encryption, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const typeOf = async (encryption: Encryption): Promise<string> =>
  (await encryption.seal(event("hello"))).type;

test("a room that became encrypted while the bridge was off is not written to in the clear", async () => {
  await using here = await inRoom();
  const before = here.encryption();
  expect(await typeOf(before)).toBe("m.room.message");
  before[Symbol.dispose]();
  here.room.isEncrypted = true;
  expect(await typeOf(here.encryption())).toBe("m.room.encrypted");
});

test("after a gap in what the homeserver tells, each room's state is asked for once before anything is sent there", async () => {
  await using here = await inRoom();
  const encryption = here.encryption();
  const before = encryption.before(sink);
  for (const _ of ["one", "two"]) expect(await typeOf(encryption)).toBe("m.room.message");
  expect(here.room.asked).toBe(1);
  before.gapOpened();
  here.room.isEncrypted = true;
  here.room.isAway = true;
  // It is tried again, and goes nowhere meanwhile.
  await expect(encryption.seal(event("hello"))).rejects.toThrow("away");
  here.room.isAway = false;
  expect(await typeOf(encryption)).toBe("m.room.encrypted");
});

test("once encrypted, a room stays so, whatever its state says and over restarts", async () => {
  await using here = await inRoom();
  const encryption = here.encryption();
  const told: MatrixEvent = {
    kind: "encryption-enabled",
    room: ROOM,
    id: "$1" as EventId,
    sender: ANA,
    at: 1,
  };
  await encryption.before(sink).take([told], "push");
  expect(await typeOf(encryption)).toBe("m.room.encrypted");
  encryption[Symbol.dispose]();
  expect(await typeOf(here.encryption())).toBe("m.room.encrypted");
  expect(here.room.asked).toBe(0);
});

test("where the bot comes into a room again, it may have become encrypted while it was out", async () => {
  await using here = await inRoom();
  const encryption = here.encryption();
  expect(await typeOf(encryption)).toBe("m.room.message");
  here.room.isEncrypted = true;
  await encryption.entered(ROOM);
  expect(await typeOf(encryption)).toBe("m.room.encrypted");
});
