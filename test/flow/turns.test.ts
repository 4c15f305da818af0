import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { RemoteEvent } from "../../src/core/model/events.ts";
import type { MessageId } from "../../src/core/model/ids.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { fromBram } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const text = (id: string, senderName = "Bram"): RemoteEvent => ({
  ...fromBram(id),
  kind: "message",
  senderName,
  message: { parts: [{ kind: "text", style: "text", body: { text: id, spans: [] } }] },
});

const turn = (id: string, state: "gone" | "reachable"): RemoteEvent => ({
  ...fromBram(id),
  kind: "reachability",
  state,
});

async function withBram() {
  const world = await FlowWorld.start();
  const { client, room: management } = await world.optsIn(ANA);
  await client.brings(text("1"));
  await settle();
  const { room } = await world.portal(ANA, "Bram");
  return { world, client, management, room };
}

describe("what changes the chat for the events behind it", () => {
  test("a contact who is gone and back within one batch has an open chat", async () => {
    const { world, client, room } = await withBram();
    await using _ = world;
    await client.brings(turn("g", "gone"), turn("b", "reachable"));
    await settle();
    expect(world.homeserver.room(room).archived).toBe(false);
    await world.says(ANA, room, "welcome back");
    expect(Array.from(client.received.values())).toEqual(["welcome back"]);
  });

  test("a message behind the news that its sender is gone is shown in the archive", async () => {
    const { world, client, room } = await withBram();
    await using _ = world;
    await client.brings(turn("g", "gone"), text("late"));
    await settle();
    expect(world.homeserver.shown(room).at(-1)).toBe("Bram: late");
    expect(world.homeserver.room(room).archived).toBe(true);
  });

  test("what is to be said once a chat is said once, however many come together", async () => {
    const { world, client, room } = await withBram();
    await using _ = world;
    const status = (id: string): RemoteEvent => ({ ...fromBram(id), kind: "excluded", what: "status" });
    await client.brings(status("a"), status("b"), status("c"));
    await settle();
    expect(world.homeserver.shown(room).filter((line) => line.includes("status update"))).toHaveLength(1);
  });

  test("what was made for an open room is not sent into one that was closed meanwhile", async () => {
    const { world, client, room } = await withBram();
    await using _ = world;
    let closed: Promise<void> | undefined;
    const { messages } = world.store;
    const before = { ...messages };
    Object.assign(messages, {
      parts: async (...asked: Parameters<typeof messages.parts>) => {
        closed ??= client.sink.ended({ kind: "withdrawn", words: "The end." });
        await closed;
        return before.parts(...asked);
      },
    });
    const answer = text("2");
    if (answer.kind !== "message") throw new Error("no message");
    const replyTo = { id: "1" as MessageId, own: false };
    await client.brings({ ...answer, message: { ...answer.message, replyTo } });
    await settle();
    expect(world.homeserver.shown(room).filter((line) => line.startsWith("Bram"))).toEqual([
      "Bram: 1",
      "Bram: 2",
    ]);
    expect(world.homeserver.room(room).archived).toBe(true);
  });

  test("nor where the contact's new name has the room looked up again in between", async () => {
    const { world, client, room } = await withBram();
    await using _ = world;
    const set = world.homeserver.setDisplayName.bind(world.homeserver);
    world.homeserver.setDisplayName = async (...named) => {
      await client.sink.ended({ kind: "withdrawn", words: "The end." });
      return set(...named);
    };
    await client.brings(text("2"), { ...fromBram("r"), kind: "renamed", name: "Bram V." });
    await settle();
    const bodies = world.homeserver.room(room).events.map(({ send }) => send.content["body"]);
    expect(bodies.filter((body) => body === "1" || body === "2")).toEqual(["1", "2"]);
  });

  test("a person who left a chat that is closed is asked into it again for what came before its end", async () => {
    const { world, client, room } = await withBram();
    await using _ = world;
    await client.sink.ended({ kind: "withdrawn", words: "The end." });
    await settle();
    await world.homeserver.leave(ANA, room);
    await world.moves(ANA, room, "leave");
    await client.brings(text("late"));
    await settle();
    expect(world.homeserver.room(room).members.get(ANA)).toBe("invite");
    expect(world.homeserver.shown(room).at(-1)).toBe("Bram: late");
  });
});

describe("a contact's new name", () => {
  test.each(["refused", "killed"])("is set in the end where the first try is %s", async (how) => {
    const { world, client } = await withBram();
    await using _ = world;
    const set = world.homeserver.setDisplayName.bind(world.homeserver);
    let first = true;
    world.homeserver.setDisplayName = async (...named) => {
      if (!first) return set(...named);
      first = false;
      if (how === "killed") return new Promise(() => {});
      throw new BridgeError("homeserver-unreachable", { words: "away", certain: false, retryAfter: 0 });
    };
    await client.brings({ ...fromBram("r"), kind: "renamed", name: "Bram V." });
    await settle();
    if (how === "killed") await world.crash();
    await world.clock.advance(60_000);
    expect(Array.from(world.homeserver.names.values())).toContain("Bram V. (WhatsApp)");
  });
});

describe("a chat that is being made", () => {
  test("is given up when its person leaves the network, and nobody is asked into its room", async () => {
    await using world = await FlowWorld.start();
    const { client, room: management } = await world.optsIn(ANA);
    const gate = Promise.withResolvers<void>();
    const make = world.homeserver.createRoom.bind(world.homeserver);
    world.homeserver.createRoom = async (spec) => {
      if (spec.kind === "portal") await gate.promise;
      return make(spec);
    };
    await client.brings(text("1"));
    await settle();
    await world.says(ANA, management, "disable whatsapp yes");
    gate.resolve();
    await world.clock.advance(60_000);
    const made = Array.from(world.homeserver.rooms.values()).find(({ spec }) => spec.kind === "portal");
    expect(Array.from(made?.members ?? [])).toEqual([[world.homeserver.bot, "leave"]]);
    expect(await world.store.networkInbox.count()).toBe(0);
  });

  test("is offered again to a person who declined while it was put into their Space", async () => {
    await using world = await FlowWorld.start();
    const { client, room: management } = await world.optsIn(ANA);
    await world.says(ANA, management, "inbox separate");
    const gate = Promise.withResolvers<void>();
    const set = world.homeserver.setState.bind(world.homeserver);
    const portal = () =>
      Array.from(world.homeserver.rooms.values()).find(({ spec }) => spec.kind === "portal");
    world.homeserver.setState = async (...state) => {
      if (portal()) await gate.promise;
      return set(...state);
    };
    await client.brings(text("1"));
    await settle();
    const made = portal();
    if (!made) throw new Error("no room");
    await world.homeserver.leave(ANA, made.id);
    await world.moves(ANA, made.id, "leave");
    gate.resolve();
    await settle();
    expect(made.members.get(ANA)).toBe("leave");
    await client.brings(text("2"));
    await settle();
    expect(made.members.get(ANA)).toBe("invite");
  });
});
