import { afterEach, describe, expect, test } from "@jest/globals";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { nothingWaits, writtenChat } from "../kit/written-chat.ts";

const POISON = "poison";
const refuses = (value: unknown): void => {
  if (JSON.stringify(value).includes(POISON)) throw new RangeError("no");
};

let world: FlowWorld;
afterEach(() => world[Symbol.asyncDispose]());

describe("what is brought together with something that cannot be stored", () => {
  test("by the homeserver is taken, and of the other its writer is told, once", async () => {
    world = await FlowWorld.start();
    const { room, writes, arrived } = await writtenChat(world);
    world.spoiled = (tx) => ({
      ...tx,
      matrixInbox: {
        ...tx.matrixInbox,
        take(event, ...how) {
          refuses(event);
          return tx.matrixInbox.take(event, ...how);
        },
      },
    });
    const events = ["one", POISON, "three"].map((text) => world.text(ANA, room, text));
    await world.push(...events);
    await world.bridge.intake.take(events, "sync", "token");
    await world.clock.advance(1_000);
    expect(arrived("to-network")).toEqual(["one", "three"]);
    expect(world.homeserver.shown(room).filter((line) => line.includes("could not keep it"))).toHaveLength(1);
    expect(await world.store.records.get("sync", "token")).toBe("token");
    expect(await world.store.deadLetters.newest(9)).toMatchObject([
      { direction: "to-network", ref: events[1]?.id },
    ]);
    expect(await world.measured("bridge_dead_letters_total")).toBe(1);
    await writes("to-network", "four");
    expect(arrived("to-network").at(-1)).toBe("four");
    await nothingWaits(world);
  });

  test("by a network is taken and acknowledged, and of the other our person is told", async () => {
    world = await FlowWorld.start();
    const { writes, arrived } = await writtenChat(world);
    world.spoiled = (tx) => ({
      ...tx,
      networkInbox: {
        ...tx.networkInbox,
        take(login, event, at) {
          refuses(event);
          tx.networkInbox.take(login, event, at);
        },
      },
    });
    await writes("to-matrix", "one", POISON, "three");
    expect(arrived("to-matrix").slice(-2)).toEqual(["one", "three"]);
    const management = await world.store.rooms.of(ANA);
    const told = management ? world.homeserver.shown(management) : [];
    expect(told.at(-1)).toContain("could not be kept here");
    expect(await world.measured("bridge_dead_letters_total", "to-matrix")).toBe(1);
    await nothingWaits(world);
  });
});
