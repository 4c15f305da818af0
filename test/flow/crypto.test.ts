import { expect, test } from "@jest/globals";
import type { UserId } from "../../src/core/model/ids.ts";
import type { EventToSend } from "../../src/core/ports/homeserver.ts";
import { cryptoRecords } from "../../src/matrix/crypto/crypto-records.ts";
import { Machines } from "../../src/matrix/crypto/machines.ts";
import { SealedEvents } from "../../src/matrix/crypto/sealed-events.ts";
import { Sender } from "../../src/matrix/crypto/sender.ts";
import { ANA, BOT, Bridge, event, GHOST, inRoom, ROOM } from "../kit/crypto-bridge.ts";
import { CryptoFriend } from "../kit/crypto-friend.ts";

/** Session and message index of a ciphertext: the index stands behind the bytes 03 08. */
function placeIn({ content }: Pick<EventToSend, "content">): string {
  const bytes = Buffer.from(String(content["ciphertext"]), "base64");
  expect([...bytes.subarray(0, 2)]).toEqual([3, 8]);
  return `${String(content["session_id"])} ${bytes[2]}`;
}

test("what a ghost says is the same at each try, and is read once", async () => {
  await using bridge = await new Bridge().start();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  const said = event("hello");
  const first = await bridge.sealed.seal(said, [ANA]);
  await bridge.restart();
  expect(await bridge.sealed.seal(said, [ANA])).toEqual(first);
  await ana.sync();
  expect(await ana.reads(inRoom(first), ROOM)).toBe("hello");
});

test("what goes to another room before it was sent is encrypted for that one", async () => {
  await using bridge = await new Bridge().start();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  const said = event("hello");
  await bridge.sealed.seal(said, [ANA]);
  const next = "!next:test" as typeof ROOM;
  const moved = await bridge.sealed.seal({ ...said, room: next }, [ANA]);
  expect(await bridge.sealed.seal({ ...said, room: next }, [ANA])).toEqual(moved);
  await ana.sync();
  expect(await ana.reads(inRoom(moved), next)).toBe("hello");
});

test("no place in a session is used twice, over restarts and a full disk", async () => {
  await using bridge = await new Bridge().start();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  const places: string[] = [];
  const says = async (body: string) => {
    const sealed = await bridge.sealed.seal(event(body), [ANA]);
    places.push(placeIn(sealed));
    await ana.sync();
    expect(await ana.reads(inRoom(sealed), ROOM)).toBe(body);
  };
  await says("one");
  await says("two");
  await bridge.restart();
  await says("three");
  const lost = event("on a full disk");
  bridge.fullAfter = 0;
  await expect(bridge.sealed.seal(lost, [ANA])).rejects.toThrow("full");
  await says("four");
  await says("five");
  expect(new Set(places).size).toBe(5);
});

test("a room's key is sent again under the same id where the bridge ended before that was stored", async () => {
  await using bridge = await new Bridge().start();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  bridge.server.fails.add("/sendToDevice/");
  const said = event("hello");
  await expect(bridge.sealed.seal(said, [ANA])).rejects.toThrow("fails");
  await bridge.restart();
  const sealed = await bridge.sealed.seal(said, [ANA]);
  await ana.sync();
  expect(await ana.reads(inRoom(sealed), ROOM)).toBe("hello");
});

test("who left the room has no key of what is said later, and who comes has none of what was said before", async () => {
  await using bridge = await new Bridge().start();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  const bo = await CryptoFriend.start(bridge.server, "@bo:test" as UserId);
  const before = await bridge.sealed.seal(event("to both"), [ANA, bo.user]);
  const after = await bridge.sealed.seal(event("to Ana"), [ANA]);
  const cleo = await CryptoFriend.start(bridge.server, "@cleo:test" as UserId);
  const last = await bridge.sealed.seal(event("with Cleo"), [ANA, cleo.user]);
  for (const one of [ana, bo, cleo]) await one.sync();
  expect(await bo.reads(inRoom(before), ROOM)).toBe("to both");
  await expect(bo.reads(inRoom(after), ROOM)).rejects.toMatchObject({ code: 0 });
  await expect(cleo.reads(inRoom(before), ROOM)).rejects.toMatchObject({ code: 0 });
  expect(await cleo.reads(inRoom(last), ROOM)).toBe("with Cleo");
  for (const [sealed, body] of [
    [before, "to both"],
    [after, "to Ana"],
    [last, "with Cleo"],
  ] as const)
    expect(await ana.reads(inRoom(sealed), ROOM)).toBe(body);
});

test("a ghost has no one-time keys, so that nobody's keys pile up for it; the bot has", async () => {
  await using bridge = await new Bridge().start();
  await bridge.sealed.seal(event("hello"), []);
  const deviceOf = async (user: UserId) =>
    (await bridge.store.family(cryptoRecords).device(user))?.device ?? "";
  expect(bridge.server.oneTimeKeysOf(GHOST, await deviceOf(GHOST))).toBe(0);
  await bridge.receiver.device();
  expect(bridge.server.oneTimeKeysOf(BOT, await deviceOf(BOT))).toBe(50);
});

test("the device and the identity stay over restarts, also over one in the midst of their making", async () => {
  await using bridge = await new Bridge().start();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  for (const path of ["/keys/upload", "/keys/device_signing/upload", "/keys/signatures/upload"]) {
    bridge.server.fails.add(path);
    await expect(bridge.sealed.seal(event("lost"), [ANA])).rejects.toThrow("fails");
    await bridge.restart();
  }
  const record = () => bridge.store.family(cryptoRecords).device(GHOST);
  const sealed = await bridge.sealed.seal(event("at last"), [ANA]);
  const made = await record();
  expect(made).toMatchObject({ published: true, seeds: { master: expect.any(String) } });
  await bridge.restart();
  await bridge.sealed.seal(event("again"), [ANA]);
  expect(await record()).toEqual(made);
  await ana.sync();
  // Ana believes only devices that their owner has signed.
  expect(await ana.reads(inRoom(sealed), ROOM)).toBe("at last");
});

test("a message whose key comes later is read then, over a restart as well", async () => {
  await using bridge = await new Bridge().start();
  await bridge.receiver.device();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  const early = await ana.writes(ROOM, [BOT], "early", true);
  const { content } = early;
  const said = inRoom({ type: "m.room.encrypted", sender: ANA, content: content as EventToSend["content"] });
  await bridge.receives();
  expect(await bridge.receiver.open(said, ROOM)).toEqual({ kind: "closed", why: "no-key" });
  await early.share();
  await bridge.receives();
  await bridge.restart();
  expect(await bridge.receiver.open(said, ROOM)).toMatchObject({
    kind: "clear",
    event: { content: { body: "early" } },
  });
});

test("keys that were taken and not committed come again, and are taken once", async () => {
  await using bridge = await new Bridge().start();
  const device = await bridge.receiver.device();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  const { content } = await ana.writes(ROOM, [BOT], "hello");
  const said = inRoom({ type: "m.room.encrypted", sender: ANA, content: content as EventToSend["content"] });
  const sync = bridge.server.sync(BOT, device);
  bridge.fullAfter = 0;
  await expect(bridge.receiver.receive(sync)).rejects.toThrow("full");
  expect(await bridge.receiver.open(said, ROOM)).toEqual({ kind: "closed", why: "no-key" });
  await bridge.receiver.receive(sync);
  await bridge.receiver.receive(sync);
  expect(await bridge.receiver.open(said, ROOM)).toMatchObject({ kind: "clear" });
});

test("what somebody says under another's name is not believed", async () => {
  await using bridge = await new Bridge().start();
  await bridge.receiver.device();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  const { content } = await ana.writes(ROOM, [BOT], "hello");
  await bridge.receives();
  const forged = inRoom({
    type: "m.room.encrypted",
    sender: "@eve:test" as UserId,
    content: content as EventToSend["content"],
  });
  expect(await bridge.receiver.open(forged, ROOM)).toEqual({ kind: "closed", why: "wrong-sender" });
});

test.each([{}, { algorithm: "m.megolm.v1.aes-sha2" }, { algorithm: "none", ciphertext: "" }])(
  "what is no ciphertext is malformed: %j",
  async (content) => {
    await using bridge = await new Bridge().start();
    const said = inRoom({ type: "m.room.encrypted", sender: ANA, content });
    expect(await bridge.receiver.open(said, ROOM)).toEqual({ kind: "closed", why: "malformed" });
  },
);

test("many machines are opened and closed again, and each goes on where it was", async () => {
  await using bridge = await new Bridge().start();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  const few = new Machines({
    store: bridge.store,
    requests: bridge.server,
    bot: BOT,
    deviceName: "Bridge",
    most: 2,
  });
  const sealed = new SealedEvents({
    store: bridge.store,
    sender: new Sender(few, bridge.clock),
    clock: bridge.clock,
  });
  const ghosts = Array.from({ length: 5 }, (_, index) => `@ghost${index}:test` as UserId);
  for (const round of [1, 2])
    for (const ghost of ghosts) {
      const made = await sealed.seal(event(`${ghost} ${round}`, ghost), [ANA]);
      await ana.sync();
      expect(await ana.reads(inRoom(made), ROOM)).toBe(`${ghost} ${round}`);
    }
  few[Symbol.dispose]();
});

test("after an older copy is put back, renewed devices are read and read again, with the identity they had", async () => {
  await using bridge = await new Bridge().start();
  await bridge.receiver.device();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  const hears = async (body: string) => {
    const sealed = await bridge.sealed.seal(event(body), [ANA]);
    await ana.sync();
    return ana.reads(inRoom(sealed), ROOM).catch(() => "unreadable");
  };
  const writes = async (body: string) => {
    const { content } = await ana.writes(ROOM, [BOT], body);
    await bridge.receives();
    return inRoom({ type: "m.room.encrypted", sender: ANA, content: content as EventToSend["content"] });
  };
  const opened = (said: object) => bridge.receiver.open(said, ROOM);
  const seedsOf = async (user: UserId) => (await bridge.store.family(cryptoRecords).device(user))?.seeds;
  expect(await hears("one")).toBe("one");
  const early = await writes("before the copy");
  expect(await opened(early)).toMatchObject({ kind: "clear" });
  const copy = await bridge.copies();
  const seeds = [await seedsOf(BOT), await seedsOf(GHOST)];
  expect(await hears("two")).toBe("two");
  await opened(await writes("after the copy"));
  await bridge.restores(copy);
  for (const user of [BOT, GHOST]) await bridge.machines.doubt(user);
  await bridge.restart();
  await bridge.receiver.device();
  expect(await hears("three")).toBe("three");
  await ana.sync();
  expect(await opened(await writes("to the renewed"))).toMatchObject({ kind: "clear" });
  // What was readable before still is.
  expect(await opened(early)).toMatchObject({ kind: "clear" });
  expect([await seedsOf(BOT), await seedsOf(GHOST)]).toEqual(seeds);
});
