import { expect, test } from "@jest/globals";
import type { EventToSend } from "../../src/core/ports/homeserver.ts";
import { placeOf } from "../../src/matrix/crypto/message-index.ts";
import { ANA, BOT, Bridge, event, inRoom, ROOM } from "../kit/crypto-bridge.ts";
import { CryptoFriend } from "../kit/crypto-friend.ts";

const MOST = 100;

/** Carries `act` out with a full disk at its first commit, its second and so on, until none is met; answers how many. */
async function atEachCommit(act: (bridge: Bridge, full: () => void) => Promise<void>): Promise<number> {
  for (let commits = 0; commits < MOST; commits += 1) {
    await using bridge = await new Bridge().start();
    await act(bridge, () => {
      bridge.fullAfter = commits;
    });
    if (bridge.fullAfter !== undefined) return commits;
  }
  throw new Error(`there are more than ${MOST} commits`);
}

/** Tries as a lane does, again after a full disk. */
const insist = <Result>(act: () => Promise<Result>): Promise<Result> => act().catch(() => act());

test("a full disk at any commit of a ghost's first messages loses none, and no place in a session is used twice", async () => {
  const commits = await atEachCommit(async (bridge, full) => {
    const ana = await CryptoFriend.start(bridge.server, ANA);
    full();
    const sealed: EventToSend[] = [];
    for (const body of ["one", "two"]) {
      const said = event(body);
      sealed.push(await insist(() => bridge.sealed.seal(said, [ANA])));
    }
    await ana.sync();
    const read = [];
    for (const one of sealed) read.push(await ana.reads(inRoom(one), ROOM));
    expect(read).toEqual(["one", "two"]);
    const places = sealed.map(({ content }) => JSON.stringify(placeOf(content)));
    expect(new Set(places).size).toBe(2);
  });
  // Its device, keys and identity, a room's key and each message.
  expect(commits).toBeGreaterThan(8);
});

test("a full disk at any commit of what a person says loses nothing, and is read once", async () => {
  const commits = await atEachCommit(async (bridge, full) => {
    const device = await bridge.receiver.device();
    const ana = await CryptoFriend.start(bridge.server, ANA);
    const { content } = await ana.writes(ROOM, [BOT], "hello");
    const sync = bridge.server.sync(BOT, device);
    const said = inRoom({
      type: "m.room.encrypted",
      sender: ANA,
      content: content as EventToSend["content"],
    });
    full();
    await insist(() => bridge.receiver.receive(sync));
    await insist(() => bridge.receiver.settle());
    const opened = await insist(() => bridge.receiver.open(said, ROOM));
    expect(opened).toMatchObject({ kind: "clear", event: { content: { body: "hello" } } });
    const copy = { ...said, event_id: "$copy" };
    expect(await bridge.receiver.open(copy, ROOM)).toEqual({ kind: "closed", why: "replayed" });
  });
  expect(commits).toBeGreaterThan(1);
});
