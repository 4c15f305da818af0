import { describe, expect, test } from "@jest/globals";
import type { PersonId, RoomId } from "../../src/core/model/ids.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { fromBram, OpenFlow } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const spaces = (world: FlowWorld): readonly RoomId[] =>
  Array.from(world.homeserver.rooms.values())
    .filter(({ spec }) => spec.kind === "space")
    .map(({ id }) => id);

describe("the inbox a person chooses", () => {
  test("separate makes a Space with a part for the network, once, and moves the same room", async () => {
    await using flow = await OpenFlow.begin();
    const { world, room } = flow;
    expect(await flow.asks("inbox separate")).toContain("Your chat is now in the Space");
    await flow.asks("inbox separate");
    expect(spaces(world)).toHaveLength(2);
    const [root, part] = spaces(world);
    if (!root || !part) throw new Error("no Space");
    expect(await world.homeserver.getState(root, "m.space.child", part)).toMatchObject({ via: ["test"] });
    expect(await world.homeserver.getState(part, "m.space.child", room)).toMatchObject({ via: ["test"] });
    expect(await world.homeserver.getState(room, "m.room.join_rules", "")).toMatchObject({
      join_rule: "restricted",
    });
    expect((await world.portal(ANA, "Bram")).room).toBe(room);
    await flow.asks("inbox combined");
    expect(await world.homeserver.getState(part, "m.space.child", room)).toEqual({});
    expect((await world.portal(ANA, "Bram")).room).toBe(room);
  });

  test("the person's list of direct chats follows where the second registration is, and is left alone where not", async () => {
    await using flow = await OpenFlow.begin();
    const { world, room } = flow;
    expect(await flow.asks("inbox separate")).toContain("only you can change that list");
    world.puppets.there = true;
    await flow.asks("inbox combined");
    expect(Object.values(await world.puppets.directChats(ANA)).flat()).toEqual([room]);
    await flow.asks("inbox separate");
    expect(Object.values(await world.puppets.directChats(ANA)).flat()).toEqual([]);
    expect(world.puppets.joined).toContain(`${ANA} ${room}`);
    const sent = await world.says(ANA, room, "hello");
    expect(world.puppets.read).toEqual([`${ANA} ${room} ${sent}`]);
    await flow.asks("disable whatsapp yes");
    await settle();
    expect(world.puppets.tags).toEqual([`${ANA} ${room} m.lowpriority true`]);
  });
});

describe("safety", () => {
  test("a block is the network's too, and nothing is sent until it is lifted", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    expect(await flow.asks("block whatsapp bram")).toContain("Bram is blocked");
    expect(client.blocked.has("Bram" as PersonId)).toBe(true);
    await world.says(ANA, room, "hello?");
    expect(flow.last).toContain("You have blocked Bram");
    await flow.asks("unblock whatsapp Bram");
    await world.says(ANA, room, "hello!");
    expect(Array.from(client.received.values())).toEqual(["hello!"]);
  });

  test("a verified contact whose number changes gets nothing until the person agrees", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    const events = world.homeserver.rooms.size;
    await flow.asks("verify whatsapp Bram");
    expect(events).toBe(world.homeserver.rooms.size);
    await flow.asks("verified whatsapp Bram");
    await client.brings({ kind: "identity-changed", ...fromBram("new") });
    await settle();
    expect(flow.last).toContain("nothing is sent to them until");
    await world.says(ANA, room, "secret");
    expect(client.received.size).toBe(0);
    await flow.asks("unverified whatsapp Bram");
    await world.says(ANA, room, "anyway");
    expect(Array.from(client.received.values())).toEqual(["anyway"]);
  });

  test("where somebody lives outside the EEA, nothing is turned on and only the answer is kept", async () => {
    await using world = await FlowWorld.start();
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable whatsapp");
    await world.says(ANA, room, "yes US");
    expect(world.homeserver.shown(room).at(-1)).toContain("European Economic Area only");
    expect(world.network.enlisted.size).toBe(0);
    expect(await world.store.records.get("residence", ANA)).toMatch(/^elsewhere \d{4}-\d\d-\d\d$/);
    await world.says(ANA, room, "country Netherlands");
    await world.says(ANA, room, "yes");
    expect(world.network.enlisted.has(ANA)).toBe(true);
  });

  test("an answer that is no country is asked about again, and nothing is kept of it", async () => {
    await using world = await FlowWorld.start();
    const room = await world.meets(ANA);
    await world.says(ANA, room, "enable whatsapp");
    await world.says(ANA, room, "yes please");
    expect(world.homeserver.shown(room).at(-1)).toContain("“please”");
    await world.says(ANA, room, "country Atlantis");
    expect(await world.store.records.get("residence", ANA)).toBeUndefined();
    await world.says(ANA, room, "yes");
    expect(world.network.enlisted.has(ANA)).toBe(true);
  });

  test("a newer notice stops sending, not receiving, until it is agreed to", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    world.network.notice = { version: 2, paragraphs: ["More is told."] };
    await world.restart();
    await settle();
    await world.says(ANA, room, "hi");
    expect(flow.last).toContain("has changed");
    await world.network.clientOf(ANA).says("Bram", "2", "still here");
    await settle();
    expect(flow.last).toBe("Bram: still here");
    expect(await flow.asks("enable whatsapp")).toContain("More is told.");
    await flow.asks("yes");
    await world.says(ANA, room, "agreed");
    expect(Array.from(client.received.values())).toEqual(["agreed"]);
  });
});

describe("archives", () => {
  test("a network that withdraws closes its rooms, and opens the same ones when it is back", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    await client.sink.ended({ kind: "withdrawn", words: "WhatsApp ended this." });
    await settle();
    expect(flow.last).toContain("This chat is closed");
    expect(world.homeserver.room(room).archived).toBe(true);
    await world.says(ANA, room, "hello?");
    expect(client.received.size).toBe(0);
    await client.sink.resumed();
    await settle();
    expect(world.homeserver.room(room).archived).toBe(false);
    await client.says("Bram", "2", "back");
    await settle();
    expect(flow.last).toBe("Bram: back");
  });

  test("the chat with a contact who has left is closed, and its history stays", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    await client.brings({ kind: "reachability", state: "gone", ...fromBram("g") });
    await settle();
    expect(world.homeserver.room(room).archived).toBe(true);
    expect(flow.shown).toContain("Bram: hello");
    expect(flow.last).toContain("no longer on WhatsApp");
  });

  test("the chat with somebody who has left stays closed when the network is back", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room } = flow;
    await client.brings({ kind: "reachability", state: "gone", ...fromBram("g") });
    await settle();
    await client.sink.ended({ kind: "withdrawn", words: "WhatsApp ended this." });
    await client.sink.resumed();
    await settle();
    expect(world.homeserver.room(room).archived).toBe(true);
    expect((await world.portal(ANA, "Bram")).state).toBe("archived");
  });

  test("of a network that is not set up any more, its person hears that, and not that the chat is over", async () => {
    await using flow = await OpenFlow.begin();
    const { world, room } = flow;
    world.configured = false;
    await world.restart();
    await world.says(ANA, room, "hello?");
    expect(flow.last).toContain("not set up for the chat's network any more");
  });

  test("messages that failed are offered when the contact can be reached again, and sent on the person's word", async () => {
    await using flow = await OpenFlow.begin();
    const { client } = flow;
    const { BridgeError } = await import("../../src/core/model/errors.ts");
    client.faults.push({
      when: "before",
      error: new BridgeError("not-reachable", { words: "Off.", certain: true }),
    });
    await flow.says("waiting");
    expect(client.received.size).toBe(0);
    await client.brings({ kind: "reachability", state: "off", ...fromBram("r1") });
    await client.brings({ kind: "reachability", state: "reachable", ...fromBram("r2") });
    await settle();
    expect(flow.last).toContain("1 of your messages did not arrive");
    expect(client.received.size).toBe(0);
    expect(await flow.asks("retry whatsapp Bram")).toContain("1 message to Bram is on its way");
    await settle();
    expect(Array.from(client.received.values())).toEqual(["waiting"]);
  });
});
