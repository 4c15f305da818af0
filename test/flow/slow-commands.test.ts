import { describe, expect, test } from "@jest/globals";
import { BridgeError, stopping } from "../../src/core/model/errors.ts";
import type { EventId, RoomId } from "../../src/core/model/ids.ts";
import { ANA, BEN, FlowWorld } from "../kit/flow-world.ts";
import { settle } from "../kit/virtual-clock.ts";

describe("a command that takes long", () => {
  const slowly = (world: FlowWorld) => {
    const enlisting = Promise.withResolvers<void>();
    const enlist = world.network.enlist.bind(world.network);
    world.network.enlist = async (request) => {
      await enlisting.promise;
      return enlist(request);
    };
    return enlisting;
  };
  const asked = async (world: FlowWorld): Promise<RoomId> => {
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable whatsapp");
    return room;
  };

  test("shows the bot typing, is said to take a moment, and holds up no other", async () => {
    await using world = await FlowWorld.start();
    const room = await asked(world);
    const enlisting = slowly(world);
    await world.says(ANA, room, "yes");
    expect(world.homeserver.typing).toEqual([]);
    await world.clock.advance(400);
    expect(world.homeserver.typing.at(-1)).toEqual({ as: world.homeserver.bot, active: true });
    await world.clock.advance(1_200);
    expect(world.homeserver.shown(room).at(-1)).toContain("“yes” takes a moment");
    await world.says(ANA, room, "version");
    expect(world.homeserver.shown(room).at(-1)).toBe("bot: Version test.");
    await world.says(ANA, room, "no");
    enlisting.resolve();
    await world.clock.advance(5_000);
    const said = world.homeserver.shown(room).slice(-2);
    expect(said[0]).toContain("WhatsApp is on and connected");
    expect(said[1]).toContain("There is no open question");
    expect(world.homeserver.typing.at(-1)).toMatchObject({ active: false });
    expect((await world.store.records.all("commands")).map(({ value }) => value)).toEqual(["answered"]);
  });

  test("is answered after a crash and after a stop, once", async () => {
    for (const end of ["crash", "restart"] as const) {
      await using world = await FlowWorld.start();
      const room = await asked(world);
      slowly(world);
      await world.says(ANA, room, "yes");
      await world.clock.advance(2_000);
      world.network.enlist = async ({ login, user }) => {
        world.network.enlisted.set(user, login);
        return { visibleId: user, account: "{}", record: () => {} };
      };
      await world[end]();
      await world.clock.advance(20_000);
      const said = world.homeserver.shown(room);
      expect(said.filter((line) => line.includes("WhatsApp is on and connected"))).toHaveLength(1);
      expect(said.filter((line) => line.includes("takes a moment"))).toHaveLength(1);
      expect((await world.store.records.all("commands")).map(({ value }) => value)).toEqual(["answered"]);
      expect(world.errors).toEqual([]);
    }
  });

  test("is not run again where the message that asked comes a second time", async () => {
    await using world = await FlowWorld.start();
    const room = await asked(world);
    slowly(world);
    const yes = world.text(ANA, room, "yes");
    // Killed between what is stored of the command and what is stored of the message.
    const done = (event: EventId): void => {
      throw new Error(`killed at ${event}`);
    };
    world.spoiled = (tx) => ({ ...tx, matrixInbox: { ...tx.matrixInbox, done } });
    await world.push(yes);
    await world.clock.advance(1_600);
    expect(await world.store.records.get("commands", yes.id)).toBeDefined();
    world.spoiled = (tx) => tx;
    let enlisted = 0;
    world.network.enlist = async ({ login, user }) => {
      enlisted += 1;
      world.network.enlisted.set(user, login);
      return { visibleId: user, account: "{}", record: () => {} };
    };
    // The room's lane is held until the homeserver has told all.
    world.catchUp = async () => {
      await world.bridge.resume();
      await world.clock.advance(20_000);
    };
    await world.crash();
    await world.clock.advance(20_000);
    const said = world.homeserver.shown(room);
    expect(said.filter((line) => line.includes("WhatsApp is on and connected"))).toHaveLength(1);
    expect(enlisted).toBe(1);
    expect(await world.store.matrixInbox.count()).toBe(0);
  });

  test("and is interrupted by a stop goes on at the next start, and no error is left uncaught", async () => {
    await using world = await FlowWorld.start();
    const room = await asked(world);
    const enlist = world.network.enlist.bind(world.network);
    const enlisting = slowly(world);
    await world.says(ANA, room, "yes");
    await world.clock.advance(2_000);
    enlisting.reject(stopping());
    await settle();
    expect(world.homeserver.shown(room).at(-1)).toContain("takes a moment");
    world.network.enlist = enlist;
    await world.restart();
    await world.clock.advance(20_000);
    expect(world.homeserver.shown(room).at(-1)).toContain("WhatsApp is on and connected");
  });

  test("is answered where its person is alone with the bot by then", async () => {
    await using world = await FlowWorld.start();
    const room = await asked(world);
    const enlisting = slowly(world);
    await world.says(ANA, room, "yes");
    await world.clock.advance(2_000);
    world.homeserver.room(room).members.set(BEN, "join");
    const from = { room, sender: ANA, id: world.newEventId(), at: world.clock.now() };
    await world.push({ ...from, kind: "member", user: BEN, membership: "join", direct: false });
    enlisting.resolve();
    await world.clock.advance(1_000);
    expect(world.homeserver.shown(room).at(-1)).toContain("Somebody else");
    const next = await world.store.rooms.of(ANA);
    expect(next && world.homeserver.shown(next).at(-1)).toContain("WhatsApp is on and connected");
  });

  test("twice at once is carried out once and answered twice", async () => {
    await using world = await FlowWorld.start();
    const room = await asked(world);
    const enlisting = slowly(world);
    await world.push(world.text(ANA, room, "yes"), world.text(ANA, room, "yes"));
    await world.clock.advance(4_000);
    enlisting.resolve();
    await world.clock.advance(1_000);
    const said = world.homeserver.shown(room).slice(-2);
    expect(said).toEqual([
      expect.stringContaining("is on and connected"),
      expect.stringContaining("is on and connected"),
    ]);
    expect(world.errors).toEqual([]);
  });

  test("and fails is told of with the network's own reason", async () => {
    await using world = await FlowWorld.start();
    const room = await asked(world);
    const enlisting = slowly(world);
    world.network.enlistFault = new BridgeError("forbidden", { words: "Only in the EEA.", certain: true });
    await world.says(ANA, room, "yes");
    await world.clock.advance(2_000);
    enlisting.resolve();
    await world.clock.advance(1_000);
    expect(world.homeserver.shown(room).at(-1)).toBe("bot: Only in the EEA.");
  });
});
