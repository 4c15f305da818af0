import { beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { MatrixEvent } from "../../src/core/model/events.ts";
import type { EventId, UserId } from "../../src/core/model/ids.ts";
import type { HomeserverSink } from "../../src/core/ports/homeserver-sink.ts";
import { noMetrics } from "../../src/core/ports/metrics.ts";
import { cryptoRecords } from "../../src/matrix/crypto/crypto-records.ts";
import { Encryption } from "../../src/matrix/crypto/encryption.ts";
import { sweepKeys } from "../../src/matrix/crypto/renewal/sweep-keys.ts";
import { ANA, BOT, Bridge, event, GHOST, ROOM } from "../kit/crypto-bridge.ts";

const told: string[] = [];
const sink: HomeserverSink = {
  take: async () => undefined,
  gapOpened: () => undefined,
  gapClosed: async () => undefined,
  rolledBack: async () => undefined,
  missed: async () => undefined,
  keysCame: () => undefined,
  tellAdministrators: async (words) => void told.push(words),
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

describe("devices are made anew, with the identities they had, and administrators are told", () => {
  beforeEach(() => {
    told.length = 0;
  });

  const deviceOf = async ({ bridge }: { readonly bridge: Bridge }, user: UserId) =>
    (await bridge.store.family(cryptoRecords).device(user))?.device;

  /** Encryption whose bot and ghost have devices. */
  async function inUse() {
    const here = await inRoom();
    here.room.isEncrypted = true;
    const encryption = here.encryption();
    const before = encryption.before(sink);
    await encryption.device();
    const sealed = await encryption.seal(event("hello"));
    const devices = async () => [await deviceOf(here, BOT), await deviceOf(here, GHOST)];
    return { ...here, encryption, before, sealed, devices, was: await devices() };
  }

  test("where the homeserver does not know the bot's", async () => {
    await using here = await inUse();
    await here.encryption.renewals.deviceLost();
    expect(await here.encryption.device()).not.toBe(here.was[0]);
    expect(told).toEqual([expect.stringMatching(/homeserver had lost/)]);
  });

  test("where it says that those of a ghost are others", async () => {
    await using here = await inUse();
    here.bridge.server.removes(GHOST, here.was[1] ?? "");
    const changed = [ANA, GHOST];
    const sync = { toDevice: [], changed, left: [], oneTimeKeys: {}, unusedFallbackKeys: [] };
    await here.encryption.receive(sync, (record) => here.bridge.store.write(record));
    await here.encryption.settle();
    expect(told).toEqual([expect.stringMatching(/homeserver had lost/)]);
    await here.encryption.seal(event("hello again"));
    const [bot, ghost] = await here.devices();
    expect(bot).toBe(here.was[0]);
    expect(ghost).not.toBe(here.was[1]);
  });

  test("where it shows what nothing here knows of, which is nothing that was sent since", async () => {
    await using here = await inUse();
    const shown = { type: here.sealed.type, sender: GHOST, content: here.sealed.content };
    expect(await here.encryption.renewals.isUnknown(shown)).toBe(false);
    expect(await here.encryption.renewals.isUnknown({ ...shown, type: "m.room.message" })).toBe(false);
    await here.bridge.store.write((tx) => tx.family(cryptoRecords).unsealEnded(Date.now() + 1, 10));
    expect(await here.encryption.renewals.isUnknown({ ...shown, sender: ANA })).toBe(false);
    expect(await here.encryption.renewals.isUnknown(shown)).toBe(true);
    await here.encryption.renewals.isOlder("file");
    await here.encryption.seal(event("hello again"));
    expect(await here.encryption.device()).not.toBe(here.was[0]);
    expect((await here.devices())[1]).not.toBe(here.was[1]);
    expect(told).toEqual([expect.stringMatching(/my database does not know/)]);
  });

  test("where it is an older copy of itself, and where an administrator asks for it", async () => {
    await using here = await inUse();
    await here.before.rolledBack();
    const bot = await here.encryption.device();
    expect(bot).not.toBe(here.was[0]);
    expect(told).toEqual([expect.stringMatching(/homeserver seems to have been put back/)]);
    expect(await here.encryption.renew()).toBe(2);
    expect(await deviceOf(here, BOT)).not.toBe(bot);
  });

  test("what is kept for the homeserver's sake is forgotten after a week", async () => {
    await using here = await inUse();
    const { bridge, encryption, sealed } = here;
    const shown = { type: sealed.type, sender: GHOST, content: sealed.content };
    await sweepKeys(bridge.store, Date.now());
    expect(await encryption.renewals.isUnknown(shown)).toBe(false);
    const now = Date.now();
    const later = jest.spyOn(Date, "now").mockImplementation(() => now + 8 * 86_400_000);
    await sweepKeys(bridge.store, Date.now());
    later.mockRestore();
    expect(await encryption.renewals.isUnknown(shown)).toBe(true);
  });
});
