import { expect, test } from "@jest/globals";
import type { UserId } from "../../src/core/model/ids.ts";
import { cryptoRecords } from "../../src/matrix/crypto/crypto-records.ts";
import { placeOf } from "../../src/matrix/crypto/message-index.ts";
import { ANA, BOT, Bridge, event, GHOST, inRoom, ROOM } from "../kit/crypto-bridge.ts";
import { CryptoFriend } from "../kit/crypto-friend.ts";

/** Ana and a ghost, who have heard each other. */
async function inTouch() {
  const bridge = await new Bridge().start();
  await bridge.receiver.device();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  const hears = async (body: string) => {
    const sealed = await bridge.sealed.seal(event(body), [ANA]);
    await ana.sync();
    expect(await ana.reads(inRoom(sealed), ROOM)).toBe(body);
    return sealed;
  };
  const says = async (body: string) => {
    const { content } = await ana.writes(ROOM, [BOT], body);
    await bridge.receives();
    return inRoom({ type: "m.room.encrypted", sender: ANA, content: content as never });
  };
  const isHeard = async (said: object) =>
    expect(await bridge.receiver.open(said, ROOM)).toMatchObject({ kind: "clear" });
  const stored = async (user: UserId) => bridge.store.family(cryptoRecords).device(user);
  await hears("hello");
  const early = await says("hello too");
  await isHeard(early);
  const before = { bot: await stored(BOT), ghost: await stored(GHOST) };
  return {
    bridge,
    ana,
    hears,
    says,
    isHeard,
    stored,
    early,
    before,
    [Symbol.asyncDispose]: () => bridge[Symbol.asyncDispose](),
  };
}

test("where a ghost's device was deleted, it has another, with the identity it had, from its next key on", async () => {
  await using here = await inTouch();
  const { bridge, before, stored, hears } = here;
  bridge.server.removes(GHOST, before.ghost?.device ?? "");
  const bo = await CryptoFriend.start(bridge.server, "@bo:test" as UserId);
  // Somebody new is given the key by a request of the device.
  const sealed = await bridge.sealed.seal(event("hello, Bo"), [ANA, bo.user]);
  await bo.sync();
  expect(await bo.reads(inRoom(sealed), ROOM)).toBe("hello, Bo");
  const after = await stored(GHOST);
  expect(after?.device).not.toBe(before.ghost?.device);
  expect(after?.seeds).toEqual(before.ghost?.seeds);
  expect(bridge.told).toEqual([`device of ${GHOST}`]);
  await hears("hello again");
});

test("a deleted device is found by what the homeserver tells of its user", async () => {
  await using here = await inTouch();
  const { bridge, before, stored, hears } = here;
  expect(await bridge.machines.look([GHOST, BOT, ANA])).toBe(0);
  bridge.server.removes(GHOST, before.ghost?.device ?? "");
  expect(await bridge.machines.look([GHOST])).toBe(1);
  await hears("hello again");
  expect((await stored(GHOST))?.device).not.toBe(before.ghost?.device);
  expect(await bridge.machines.look([GHOST])).toBe(0);
});

test("where a homeserver of an older copy lost device and identity, both are there again, and what was readable still is", async () => {
  await using here = await inTouch();
  const { bridge, before, stored, hears, says, isHeard } = here;
  const masters = [BOT, GHOST].map((user) => bridge.server.masterKeyOf(user));
  for (const user of [BOT, GHOST]) bridge.server.loses(user);
  expect(await bridge.machines.doubtAll()).toBe(2);
  await bridge.receiver.device();
  await hears("hello again");
  await here.ana.sync();
  await isHeard(await says("and I"));
  await isHeard(here.early);
  expect([BOT, GHOST].map((user) => bridge.server.masterKeyOf(user))).toEqual(masters);
  expect((await stored(BOT))?.seeds).toEqual(before.bot?.seeds);
  expect(bridge.told).toEqual([]);
});

test.each([
  ["are lost", "DELETE FROM crypto_index; DELETE FROM crypto_row"],
  ["are damaged", "UPDATE crypto_row SET value = x'00'"],
  ["are of a newer library", "UPDATE crypto_database SET schema = json_set(schema, '$.version', 1000000)"],
])("where the library's rows %s, devices are made anew with the same identity", async (_, spoil) => {
  await using here = await inTouch();
  const { bridge, before, stored, hears, says, isHeard } = here;
  await bridge.spoils(spoil);
  await bridge.receiver.device();
  await hears("hello again");
  await here.ana.sync();
  await isHeard(await says("and I"));
  const after = { bot: await stored(BOT), ghost: await stored(GHOST) };
  for (const who of ["bot", "ghost"] as const) {
    expect(after[who]?.device).not.toBe(before[who]?.device);
    expect(after[who]?.seeds).toEqual(before[who]?.seeds);
  }
  expect(bridge.told).toEqual([]);
});

test("where all of it is lost, the identities are others, which is told", async () => {
  await using here = await inTouch();
  const { bridge, before, stored, hears, says, isHeard } = here;
  await bridge.spoils(
    "DELETE FROM crypto_index; DELETE FROM crypto_row; DELETE FROM crypto_store; DELETE FROM crypto_database; DELETE FROM crypto_device",
  );
  await bridge.receiver.device();
  await hears("hello again");
  await here.ana.sync();
  await isHeard(await says("and I"));
  expect((await stored(GHOST))?.seeds).not.toEqual(before.ghost?.seeds);
  expect(bridge.told).toEqual([`identity of ${BOT}`, `identity of ${GHOST}`]);
});

test("a device that is to be renewed is so, wherever the bridge ended in the midst of it", async () => {
  await using here = await inTouch();
  const { bridge, before, stored, hears } = here;
  await bridge.machines.doubt(GHOST);
  for (const path of [
    "/keys/device_signing/upload",
    "/devices/",
    "/keys/upload",
    "/keys/query",
    "/keys/signatures/upload",
  ]) {
    bridge.server.fails.add(path);
    await expect(bridge.sealed.seal(event("lost"), [ANA])).rejects.toThrow("fails");
    await bridge.restart();
  }
  await hears("hello again");
  expect((await stored(GHOST))?.seeds).toEqual(before.ghost?.seeds);
  expect(bridge.told).toEqual([]);
});

test("what was sealed is known until it is forgotten, and what is read no more cannot be read", async () => {
  await using here = await inTouch();
  const { bridge, hears, isHeard, early } = here;
  const sealed = await hears("hello again");
  const crypto = () => bridge.store.family(cryptoRecords);
  const place = placeOf(sealed.content);
  if (!place) throw new Error("no place");
  expect(await crypto().isSealed(place)).toBe(true);
  expect(await crypto().isSealed({ ...place, position: place.position + 1 })).toBe(false);
  const now = Date.now();
  await bridge.store.write((tx) => tx.family(cryptoRecords).unsealEnded(now - 60_000, 10));
  expect(await crypto().isSealed(place)).toBe(true);
  await bridge.store.write((tx) => {
    tx.family(cryptoRecords).unsealEnded(now + 60_000, 10);
    tx.family(cryptoRecords).forgetSessions(now - 60_000, 10);
  });
  expect(await crypto().isSealed(place)).toBe(false);
  await isHeard(early);
  await bridge.store.write((tx) => tx.family(cryptoRecords).forgetSessions(now + 60_000, 10));
  // Its copy under another name neither, though nothing says any more that it was read.
  for (const event_id of [early.event_id, "$copy"])
    expect(await bridge.receiver.open({ ...early, event_id }, ROOM)).toEqual({
      kind: "closed",
      why: "no-key",
    });
});
