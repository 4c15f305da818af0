import { afterEach, describe, expect, test } from "@jest/globals";
import type { Writes } from "../../src/core/ports/store.ts";
import { FlowWorld } from "../kit/flow-world.ts";
import { nothingWaits, writtenChat } from "../kit/written-chat.ts";

const POISON = "poison";

const sqlite = () => Object.assign(new Error("no"), { code: "SQLITE_CONSTRAINT_DATATYPE" });
const faults = {
  "a constraint": sqlite,
  "a value too big": () => Object.assign(new Error("no"), { code: "SQLITE_TOOBIG" }),
  "a RangeError": () => new RangeError("no"),
  "a TypeError": () => new TypeError("no"),
};
type Fault = () => Error;

const text = (value: unknown): string => JSON.stringify(value) ?? "";

/** What may go wrong besides, when the row's failure is dealt with. */
const besides: Record<string, (tx: Writes, fault: Fault) => Writes> = {
  "all else can be stored": (tx) => tx,
  "its dead letter cannot be stored": (tx, fault) => ({
    ...tx,
    deadLetters: {
      add(letter) {
        if (letter.body !== "" || letter.key) throw fault();
        return tx.deadLetters.add(letter);
      },
    },
  }),
  "no try can be counted": (tx, fault) => {
    const countTry = () => {
      throw fault();
    };
    return {
      ...tx,
      matrixInbox: { ...tx.matrixInbox, countTry },
      matrixOutbox: { ...tx.matrixOutbox, countTry },
      networkInbox: { ...tx.networkInbox, countTry },
      networkOutbox: { ...tx.networkOutbox, countTry },
    };
  },
};

/** What becomes of the message with the poison in it cannot be committed, in one of the queues. */
const queues: Record<
  string,
  {
    readonly direction: "to-matrix" | "to-network";
    readonly spoil: (tx: Writes, fault: Fault, known: Set<unknown>) => Writes;
    readonly notice: string;
  }
> = {
  networkInbox: {
    direction: "to-matrix",
    spoil: (tx, fault) => ({
      ...tx,
      matrixOutbox: {
        ...tx.matrixOutbox,
        add(row) {
          if (text(row.content).includes(POISON)) throw fault();
          tx.matrixOutbox.add(row);
        },
      },
    }),
    notice: "A message of this chat could not be shown here.",
  },
  matrixOutbox: {
    direction: "to-matrix",
    spoil: (tx, fault, known) => ({
      ...tx,
      matrixOutbox: {
        ...tx.matrixOutbox,
        add(row) {
          if (text(row.content).includes(POISON)) known.add(row.id);
          tx.matrixOutbox.add(row);
        },
        sent(id, event) {
          if (known.has(id)) throw fault();
          tx.matrixOutbox.sent(id, event);
        },
      },
    }),
    notice: "could not keep which message of the contact it is",
  },
  matrixInbox: {
    direction: "to-network",
    spoil: (tx, fault) => ({
      ...tx,
      networkOutbox: {
        ...tx.networkOutbox,
        add(row) {
          if (text(row.outgoing).includes(POISON)) throw fault();
          tx.networkOutbox.add(row);
        },
      },
    }),
    notice: "⚠️ Not delivered.",
  },
  networkOutbox: {
    direction: "to-network",
    spoil: (tx, fault, known) => ({
      ...tx,
      networkOutbox: {
        ...tx.networkOutbox,
        add(row) {
          if (text(row.outgoing).includes(POISON)) known.add(row.id);
          tx.networkOutbox.add(row);
        },
        setState(id, state) {
          if (known.has(id) && state === "sent") throw fault();
          return tx.networkOutbox.setState(id, state);
        },
      },
    }),
    notice: "the bridge could not keep that it was",
  },
};

let world: FlowWorld;
afterEach(() => world[Symbol.asyncDispose]());

describe.each(Object.entries(queues))("a row of %s whose outcome cannot be committed", (name, queue) => {
  const { direction, spoil, notice } = queue;
  const isSent = name === "matrixOutbox" || name === "networkOutbox";

  test.each(
    Object.keys(besides).flatMap((more) => Object.keys(faults).map((fault) => [fault, more] as const)),
  )("ends visibly, for %s where %s, and its neighbours cross in order", async (fault, more) => {
    world = await FlowWorld.start();
    const { room, writes, arrived } = await writtenChat(world);
    const known = new Set<unknown>();
    const thrown = faults[fault as keyof typeof faults];
    world.spoiled = (tx) => spoil(besides[more]?.(tx, thrown) ?? tx, thrown, known);
    await writes(direction, "one", "two", POISON, "three", "four");
    await world.clock.advance(2_000);
    await world.restart();
    await world.clock.advance(600_000);
    const texts = arrived(direction);
    expect(texts.slice(-4)).toEqual(
      isSent ? ["two", POISON, "three", "four"] : ["one", "two", "three", "four"],
    );
    expect(world.homeserver.shown(room).filter((line) => line.includes(notice))).toHaveLength(1);
    expect(await world.store.deadLetters.newest(9)).toMatchObject([{ direction }]);
    expect(await world.measured("bridge_dead_letters_total", `"${direction}"`)).toBe(1);
    await nothingWaits(world);
    await writes(direction, "five");
    expect(arrived(direction).at(-1)).toBe("five");
  });

  test("is passed by where it cannot even be taken out, also after a restart, until it can be", async () => {
    world = await FlowWorld.start();
    const { writes, arrived } = await writtenChat(world);
    const known = new Set<unknown>();
    const stuck = (id: unknown): void => {
      if (known.has(id)) throw sqlite();
    };
    world.spoiled = (tx) => {
      const { matrixInbox, matrixOutbox, networkInbox, networkOutbox, ...rest } = spoil(tx, sqlite, known);
      return {
        ...rest,
        networkInbox: {
          ...networkInbox,
          finish(seq) {
            stuck(seq);
            networkInbox.finish(seq);
          },
        },
        matrixInbox: {
          ...matrixInbox,
          take(event, ...how) {
            if (text(event).includes(POISON)) known.add(event.id);
            return matrixInbox.take(event, ...how);
          },
          finish(id) {
            stuck(id);
            matrixInbox.finish(id);
          },
        },
        matrixOutbox: {
          ...matrixOutbox,
          abandon(id) {
            stuck(id);
            matrixOutbox.abandon(id);
          },
        },
        networkOutbox: {
          ...networkOutbox,
          setState(id, state) {
            stuck(id);
            return networkOutbox.setState(id, state);
          },
        },
      };
    };
    // The third that this login was brought.
    if (name === "networkInbox") known.add(3);
    await writes(direction, "one", POISON, "three");
    await world.clock.advance(600_000);
    expect(arrived(direction).at(-1)).toBe("three");
    expect(world.errors).toContain("a row stays where it is, and is passed by");
    await world.restart();
    await world.clock.advance(600_000);
    await writes(direction, "four", "five");
    expect(arrived(direction).slice(-2)).toEqual(["four", "five"]);
    world.spoiled = (tx) => tx;
    await world.restart();
    await world.clock.advance(600_000);
    await nothingWaits(world);
  });
});
