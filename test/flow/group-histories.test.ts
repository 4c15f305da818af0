import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { EventId, UserId } from "../../src/core/model/ids.ts";
import { type GroupHappening, groupHappening } from "../kit/group-happenings.ts";
import { GroupHistory, OURS } from "../kit/group-history.ts";
import { selfOf } from "../kit/memory-group.ts";
import { runs } from "../kit/random-runs.ts";

type Sent = GroupHistory["room"]["events"][number];

const bodyOf = ({ send }: Sent): string =>
  ((send.content["body"] as string | undefined) ?? "").replace(/^\* /, "");

/** What was done in the group is in its room, and in no other: once, in order, by whoever did it. */
function expectShown({ room, done, world }: GroupHistory): void {
  const { events } = room;
  const ghost = (person: string): UserId => world.homeserver.ghostId(`whatsapp ${person}`);
  const writerOf = (by: string) => [by, ghost(`own ${by}`), ghost(by), ghost(selfOf(by))];
  const shown = events.filter(({ send }) => send.type === "m.room.message" && send.sender !== "@bot:test");
  const redacted = events.flatMap(({ send }) =>
    send.type === "m.room.redaction" ? [send.content["redacts"]] : [],
  );
  const deleted = new Set(done.flatMap(({ kind, target }) => (kind === "delete" ? [target] : [])));
  for (const one of done) {
    const of = shown.filter((sent) => bodyOf(sent) === one.id);
    const gone = deleted.has(one.id) || deleted.has(one.target);
    switch (one.kind) {
      case "message":
      case "phone":
      case "edit":
        expect({ ...one, shown: of.length }).toEqual({ ...one, shown: gone ? Math.min(1, of.length) : 1 });
        for (const { send } of of) expect(writerOf(one.by)).toContain(send.sender);
        break;
      case "delete": {
        const target = shown.find((sent) => bodyOf(sent) === one.target)?.event;
        const times = redacted.filter((event) => event === target).length;
        if (target !== undefined) expect({ ...one, times }).toEqual({ ...one, times: 1 });
        break;
      }
      case "reaction": {
        const times = events.filter(
          ({ send }) => Object(send.content["m.relates_to"]).key === one.id && send.sender === ghost(one.by),
        ).length;
        expect({ ...one, times }).toEqual({ ...one, times: gone ? Math.min(1, times) : 1 });
        break;
      }
    }
  }
  for (const epoch of new Set(done.map((one) => one.epoch))) {
    const said = done.filter(
      (one) => one.epoch === epoch && (one.kind === "message" || one.kind === "phone"),
    );
    const due = said.map(({ id }) => id);
    const order = shown.map(bodyOf).filter((body) => due.includes(body));
    expect(order).toEqual(due.filter((id) => order.includes(id)));
  }
  const ids = new Set(done.map(({ id }) => id));
  const elsewhere = Array.from(world.homeserver.rooms.values()).filter(({ id }) => id !== room.id);
  const strays = elsewhere.flatMap((other) => other.events.map(bodyOf));
  expect(strays.filter((body) => ids.has(body))).toEqual([]);
  expect(shown.map(bodyOf).filter((body) => !ids.has(body))).toEqual([]);
}

/** What was written to Ana alone is in the chat with its writer, once. */
function expectAside({ room, aside, world }: GroupHistory): void {
  const rooms = Array.from(world.homeserver.rooms.values());
  for (const id of aside) {
    const holding = rooms.filter(({ events }) => events.some((sent) => bodyOf(sent) === id));
    expect({ id, rooms: holding.length }).toEqual({ id, rooms: 1 });
    expect(holding[0]?.id).not.toBe(room.id);
  }
}

/** What ours wrote is with the network, once, in the order of each, or they are told why not. */
function expectTaken({ world, wrote, uncertain, group }: GroupHistory): void {
  const rooms = Array.from(world.homeserver.rooms.values());
  const told = rooms.flatMap(({ events }) =>
    events.flatMap(({ send, event }): readonly (EventId | undefined)[] => {
      if (send.sender !== world.homeserver.bot) return [];
      const relation = Object(send.content["m.relates_to"]) as Readonly<Record<string, unknown>>;
      const reply = Object(relation["m.in_reply_to"]) as { readonly event_id?: EventId };
      if (relation["key"] === "⚠️") return [relation["event_id"] as EventId];
      return bodyOf({ send, event }).startsWith("⚠️") ? [reply.event_id] : [];
    }),
  );
  for (const user of group.ours.size > 0 ? new Set(wrote.map(({ by }) => by)) : []) {
    const received = Array.from(world.network.clientOf(user).received.values());
    const mine = wrote.filter(({ by }) => by === user);
    for (const { text, event } of mine) {
      const there = received.filter((one) => one === text).length;
      const words = told.filter((one) => one === event.id).length;
      expect(there).toBeLessThanOrEqual(1);
      expect(words).toBeLessThanOrEqual(1);
      const sum = uncertain ? Math.min(1, there + words) : there + words;
      expect({ text, there, words, sum }).toEqual({ text, there, words, sum: 1 });
    }
    const texts = mine.map(({ text }) => text);
    expect(received).toEqual(texts.filter((text) => received.includes(text)));
  }
}

/** The room has the group's name, its members and their powers, and nothing waits. */
async function expectRest({ world, room, group }: GroupHistory): Promise<void> {
  const { store, homeserver } = world;
  const waiting = [store.matrixInbox, store.matrixOutbox, store.networkInbox, store.networkOutbox];
  expect(await Promise.all(waiting.map((queue) => queue.count()))).toEqual([0, 0, 0, 0]);
  expect(room.archived).toBe(false);
  expect(room.state.get("m.room.name ")).toEqual({ name: `${group.name} (WhatsApp)` });
  // Those of ours whose phone wrote are shown by a ghost of theirs, as the bridge cannot act as them.
  const apart = [homeserver.bot, ...OURS.map((user) => homeserver.ghostId(`whatsapp own ${user}`))];
  const present = Array.from(room.members).filter(
    ([user, member]) => member === "join" && !apart.includes(user) && homeserver.isOurs(user),
  );
  const people = Array.from(group.people.keys(), (person) => homeserver.ghostId(`whatsapp ${person}`));
  expect(present.map(([user]) => user).sort()).toEqual(people.sort());
  const levels = room.state.get("m.room.power_levels ") as { readonly users: Record<string, number> };
  const powers = { owner: 75, admin: 50, member: 0 } as const;
  const due = Array.from(group.people, ([person, role]) => [person, powers[role]]);
  const shown = due.map(([person]) => [person, levels.users[homeserver.ghostId(`whatsapp ${person}`)] ?? 0]);
  expect(shown).toEqual(due);
}

const lived = (size: number) => async (happenings: readonly GroupHappening[]) => {
  await using history = await GroupHistory.begin(size);
  for (const what of happenings) await history.play(what);
  await history.calm();
  expectShown(history);
  expectAside(history);
  expectTaken(history);
  await expectRest(history);
  if (!history.filled) expect(history.world.errors).toEqual([]);
};

describe("whatever happens in a group that two of ours share", () => {
  test.each([
    [2, 8],
    [8, 20],
    [300, 2],
  ])(
    "of %d, nothing is lost, nothing is twice, and the order, the writers and the members are right",
    async (size, count) => {
      const happenings = fc.array(groupHappening, { maxLength: 30, size: "max" });
      await fc.assert(fc.asyncProperty(happenings, lived(size)), {
        // One that hangs is named.
        timeout: 60_000,
        // The same ones each time; `npm run nightly` tries others.
        ...(process.env["GROUP_HISTORIES"] === undefined
          ? { seed: 1, numRuns: runs(count) }
          : { numRuns: Number(process.env["GROUP_HISTORIES"]) }),
      });
    },
    3_600_000,
  );
});
