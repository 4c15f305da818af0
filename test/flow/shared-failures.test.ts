import { describe, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { PersonId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow, PEOPLE } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const said = (text: string) => ({ parts: [{ kind: "text", style: "text", body: plainText(text) }] }) as const;

/** A group that Ana and Ben share; Ana's login is the first of the room's. */
async function shared() {
  const flow = await GroupFlow.open();
  const { room: bens } = await flow.world.optsIn(BEN);
  flow.group.ours.add(BEN);
  await flow.world.network
    .clientOf(BEN)
    .brings(flow.group.event("Bram", "1", { kind: "message", message: said("hello") }));
  await settle();
  flow.homeserver.lets(BEN, flow.id);
  await flow.world.push(flow.membership(BEN, "join"));
  return { flow, bens };
}
const loginOf = async (flow: GroupFlow, user: typeof ANA) =>
  (await flow.world.store.logins.of(user, flow.world.network.id))[0];

describe("what fails in a shared room", () => {
  test("is in the dead letters of the login that it came to, or whose person wrote it", async () => {
    const { flow } = await shared();
    await using _ = flow;
    const { homeserver, world } = flow;
    const send = homeserver.send.bind(homeserver);
    homeserver.send = async (event) => {
      if (event.content["body"] === "poison") throw new BridgeError("internal", { words: "", certain: true });
      return send(event);
    };
    for (const [user, id] of [
      [ANA, "2"],
      [BEN, "3"],
    ] as const) {
      const message = flow.group.event("Carla", id, { kind: "message", message: said("poison") });
      await world.network.clientOf(user).brings(message);
      await world.clock.advance(600_000);
    }
    const letters = await world.store.deadLetters.newest(9);
    const [anas, bens] = [await loginOf(flow, ANA), await loginOf(flow, BEN)];
    expect(new Map(letters.map(({ key, ref }) => [ref, key?.login]))).toEqual(
      new Map([
        ["2", anas?.id],
        ["3", bens?.id],
      ]),
    );
  });

  test("is said to everybody who has the room, where even the bot cannot say it there", async () => {
    const { flow, bens } = await shared();
    await using _ = flow;
    const { homeserver, world } = flow;
    const send = homeserver.send.bind(homeserver);
    homeserver.send = async (event) => {
      if (event.room === flow.id) throw new BridgeError("internal", { words: "", certain: true });
      return send(event);
    };
    await flow.group.says("Carla", "2", "lost");
    await world.clock.advance(600_000);
    for (const room of [flow.management, bens]) {
      expect(homeserver.shown(room).at(-1)).toMatch(/Something could not be shown in the room of your chat/);
    }
  });
});

test.each(["grants no writing in groups", "is away for a time"])(
  "a room whose network %s is closed once with words, and nobody is put out of it",
  async (why) => {
    const { flow } = await shared();
    await using _ = flow;
    const isAway = why === "is away for a time";
    const closed = "WhatsApp does not let third parties into groups now.";
    const { capabilities } = flow.world.network;
    const sinks = [ANA, BEN].map((user) => flow.world.network.clientOf(user).sink);
    const shuts = async (isShut: boolean) => {
      const granted = isShut ? { ...capabilities, closed } : capabilities;
      for (const sink of isAway ? [] : sinks) sink.capabilities(() => granted);
      const each = (sink: (typeof sinks)[number]) =>
        isShut ? sink.ended({ kind: "withdrawn", words: closed }) : sink.resumed();
      await Promise.all(isAway ? sinks.map(each) : []);
      await settle();
    };
    await shuts(true);
    expect(flow.room.archived).toBe(true);
    await shuts(false);
    expect(flow.room.archived).toBe(false);
    expect(flow.shown.slice(1)).toEqual(
      isAway
        ? [
            `bot: This chat is closed: ${closed} Its history stays here. If it comes back, the chat goes on in this room.`,
            "bot: WhatsApp is back: you can write here again.",
          ]
        : [`bot: ${closed}`, "bot: This chat is open again: you can write here."],
    );
    for (const user of [ANA, BEN]) expect(flow.room.members.get(user)).toBe("join");
    const changes = flow.room.timeline.filter(
      ({ type, state_key: key }) => type === "m.room.member" && key === BEN,
    );
    expect(changes.at(-1)?.content["membership"]).toBe("join");
    for (const user of [ANA, BEN]) await flow.world.says(user, flow.id, "here");
    for (const user of [ANA, BEN]) expect(flow.world.network.clientOf(user).taken).toHaveLength(1);
  },
);

test("who is out of a group does not say who is in its room, when rooms are looked at again", async () => {
  const { flow } = await shared();
  await using _ = flow;
  await flow.group.movesOurs("Bram", "out", ANA, "left");
  await flow.group.moves("Bram", "m", [{ person: "Dirk" as PersonId, membership: "left" }]);
  await settle();
  expect(flow.present).toEqual(["Bram", "Carla"]);
  await flow.world.store.write((tx) => tx.portals.doubt());
  await flow.world.restart();
  await flow.world.clock.advance(60_000);
  expect(flow.present).toEqual(["Bram", "Carla"]);
});

describe("damaged rows of a group", () => {
  test("hold up neither the start nor the group", async () => {
    const { flow } = await shared();
    await using _ = flow;
    const { world } = flow;
    await world.stops();
    const db = new Database(world.file);
    db.pragma("ignore_check_constraints = ON");
    db.exec(
      "UPDATE portal_member SET role = 'chief', membership = 'somewhere', shown = 0 WHERE person = 'Carla'",
    );
    db.exec("UPDATE portal SET state = 'ajar', member = 'near' WHERE kind = 'group'");
    db.close();
    await world.starts();
    await flow.group.says("Carla", "2", "still here");
    await world.clock.advance(60_000);
    expect(flow.shown).toEqual(["Bram: hello", "Carla: still here"]);
    expect(flow.present).toEqual(Object.keys(PEOPLE));
    expect(flow.powerOf("Carla")).toBe(0);
    expect(world.errors).toEqual([]);
  });

  test("do not keep a login from being removed", async () => {
    const { flow } = await shared();
    await using _ = flow;
    const { world } = flow;
    const reserveMedia = flow.homeserver.reserveMedia.bind(flow.homeserver);
    flow.homeserver.reserveMedia = async () => {
      throw new BridgeError("homeserver-unreachable", { words: "away", certain: true, retryAfter: 1_000 });
    };
    world.network.files.set("plan", Buffer.from("plan"));
    const source = { at: "network", ref: "plan" } as const;
    const media = { kind: "file", source, mimetype: "text/plain", name: "plan.txt" } as const;
    await flow.group.does("Carla", "2", { kind: "message", message: { parts: [{ kind: "media", media }] } });
    await settle();
    const db = new Database(world.file);
    const changed = db.prepare("UPDATE hs_outbox SET attachment = '{' WHERE attachment IS NOT NULL").run();
    db.close();
    expect(changed.changes).toBe(1);
    const anas = await loginOf(flow, ANA);
    await world.store.write((tx) => anas && tx.logins.remove(anas.id));
    expect(await loginOf(flow, ANA)).toBeUndefined();
    flow.homeserver.reserveMedia = reserveMedia;
    await flow.group.says("Carla", "3", "next");
    await world.clock.advance(120_000);
    expect(flow.shown).toContain("Carla: next");
    expect(flow.shown).toContainEqual(
      expect.stringMatching(/^bot: A (message|file) of this chat could not be shown here/),
    );
  });
});
