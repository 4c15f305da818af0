import { execFileSync } from "node:child_process";
import { afterEach, expect, jest, test } from "@jest/globals";
import type { UserId } from "../../src/core/model/ids.ts";
import { cryptoLibrary } from "../../src/matrix/crypto/library.ts";
import { ANA, Bridge, event, inRoom, ROOM } from "../kit/crypto-bridge.ts";
import { CryptoFriend } from "../kit/crypto-friend.ts";
import type { Survived } from "../kit/crypto-panic.ts";

afterEach(() => {
  jest.restoreAllMocks();
});

const DAY = 86_400_000;

/** How often the library was asked whom a room's key is to be given to. */
async function askedForKeys() {
  const { OlmMachine } = await cryptoLibrary();
  return jest.spyOn(OlmMachine.prototype, "shareRoomKey");
}

const sessionOf = ({ content }: { readonly content: Readonly<Record<string, unknown>> }): unknown =>
  content["session_id"];

test("of 250 messages each is read, the session is another after each hundred, and only then keys are given out", async () => {
  await using bridge = await new Bridge().start();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  const asked = await askedForKeys();
  const sessions = new Map<unknown, number>();
  for (let count = 0; count < 250; count += 1) {
    const sealed = await bridge.sealed.seal(event(`message ${count}`), [ANA]);
    const session = sessionOf(sealed);
    if (!sessions.has(session)) await ana.sync();
    sessions.set(session, (sessions.get(session) ?? 0) + 1);
    expect(await ana.reads(inRoom(sealed), ROOM)).toBe(`message ${count}`);
  }
  expect(Array.from(sessions.values())).toEqual([100, 100, 50]);
  expect(asked).toHaveBeenCalledTimes(3);
});

test("over restarts a session goes on to its hundredth message and its seventh day, not further", async () => {
  await using bridge = await new Bridge().start();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  const sessions: unknown[] = [];
  const says = async (body: string) => {
    const sealed = await bridge.sealed.seal(event(body), [ANA]);
    sessions.push(sessionOf(sealed));
    await ana.sync();
    expect(await ana.reads(inRoom(sealed), ROOM)).toBe(body);
  };
  for (let count = 0; count < 99; count += 1) await bridge.sealed.seal(event(`message ${count}`), [ANA]);
  await bridge.restart();
  for (const body of ["the hundredth", "the next"]) await says(body);
  expect(sessions[1]).not.toBe(sessions[0]);
  const now = Date.now();
  const at = jest.spyOn(Date, "now").mockImplementation(() => now + 6 * DAY);
  await says("within the week");
  expect(sessions[2]).toBe(sessions[1]);
  at.mockImplementation(() => now + 7 * DAY + 1);
  await says("after the week");
  expect(sessions[3]).not.toBe(sessions[2]);
});

test("a device that somebody adds reads the next message, also where the ghost's keys were closed meanwhile", async () => {
  await using bridge = await new Bridge().start();
  await CryptoFriend.start(bridge.server, ANA);
  await bridge.sealed.seal(event("to the phone"), [ANA]);
  await bridge.receives();
  const hears = async (friend: CryptoFriend, body: string) => {
    const sealed = await bridge.sealed.seal(event(body), [ANA]);
    await friend.sync();
    return friend.reads(inRoom(sealed), ROOM);
  };
  const laptop = await CryptoFriend.start(bridge.server, ANA, "LAPTOP");
  await bridge.receives();
  expect(await hears(laptop, "to the laptop too")).toBe("to the laptop too");
  const tablet = await CryptoFriend.start(bridge.server, ANA, "TABLET");
  await bridge.restart();
  expect(await hears(tablet, "to the tablet too")).toBe("to the tablet too");
});

test("where somebody removes a device, what is said after that is of another session", async () => {
  await using bridge = await new Bridge().start();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  const laptop = await CryptoFriend.start(bridge.server, ANA, "LAPTOP");
  await bridge.receives();
  const before = await bridge.sealed.seal(event("to both"), [ANA]);
  await laptop.sync();
  expect(await laptop.reads(inRoom(before), ROOM)).toBe("to both");
  const asked = await askedForKeys();
  await bridge.server.json({ method: "DELETE", path: "/_matrix/client/v3/devices/LAPTOP" as never, as: ANA });
  expect(sessionOf(await bridge.sealed.seal(event("not heard of yet"), [ANA]))).toBe(sessionOf(before));
  await bridge.receives();
  const after = await bridge.sealed.seal(event("to the phone alone"), [ANA]);
  expect(sessionOf(after)).not.toBe(sessionOf(before));
  expect(asked).toHaveBeenCalled();
  await ana.sync();
  expect(await ana.reads(inRoom(after), ROOM)).toBe("to the phone alone");
  expect(bridge.server.sync(ANA, "LAPTOP").toDevice).toEqual([]);
});

test("who comes into the room or leaves it is heard of by the next message", async () => {
  await using bridge = await new Bridge().start();
  await CryptoFriend.start(bridge.server, ANA);
  const bo = await CryptoFriend.start(bridge.server, "@bo:test" as UserId);
  await bridge.sealed.seal(event("to Ana"), [ANA]);
  const both = await bridge.sealed.seal(event("to both"), [ANA, bo.user]);
  const again = await bridge.sealed.seal(event("to both again"), [bo.user, ANA]);
  const left = await bridge.sealed.seal(event("without Bo"), [ANA]);
  await bo.sync();
  expect(await bo.reads(inRoom(both), ROOM)).toBe("to both");
  expect(sessionOf(again)).toBe(sessionOf(both));
  expect(sessionOf(left)).not.toBe(sessionOf(both));
  await expect(bo.reads(inRoom(left), ROOM)).rejects.toMatchObject({ code: 0 });
});

test("keys that the library fails on are left out, and those beside them are taken", async () => {
  await using bridge = await new Bridge().start();
  const device = await bridge.receiver.device();
  const ana = await CryptoFriend.start(bridge.server, ANA);
  const { content } = await ana.writes(ROOM, ["@bot:test" as UserId], "hello");
  const sync = bridge.server.sync("@bot:test", device);
  const { OlmMachine } = await cryptoLibrary();
  // All together, and then the poison by itself.
  for (const _ of ["together", "alone"])
    jest.spyOn(OlmMachine.prototype, "receiveSyncChanges").mockRejectedValueOnce(new Error("fails"));
  const poison = { type: "m.room.encrypted", sender: ANA, content: { poison: true } };
  await bridge.receiver.receive({ ...sync, toDevice: [poison, ...sync.toDevice] });
  const said = inRoom({ type: "m.room.encrypted", sender: ANA, content: content as never });
  expect(await bridge.receiver.open(said, ROOM)).toMatchObject({ kind: "clear" });
});

test("where the library panics the process goes on, and so do those in whose keys it panicked", () => {
  const script = new URL("../kit/crypto-panic.ts", import.meta.url).pathname;
  const { failures, meanwhile, after } = JSON.parse(
    execFileSync(process.execPath, [script], { encoding: "utf8" }),
  ) as Survived;
  expect(failures).toEqual(failures.map(() => "BridgeError"));
  expect(meanwhile).toBe("by @other:test");
  expect(after).toEqual(failures.map((_, index) => `by @ghost${index}:test`));
});
