import { expect, test } from "@jest/globals";
import type { ChatId, EventId, PersonId, RoomId } from "../../src/core/model/ids.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import type { MemoryClient } from "../kit/memory-client.ts";
import { said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

interface Asked extends AsyncDisposable {
  readonly world: FlowWorld;
  readonly client: MemoryClient;
  readonly management: RoomId;
  readonly room: RoomId;
}

/** Bram has written to Ana for the first time, and the bridge has joined the chat for her. */
async function asked(
  before: (world: FlowWorld, management: RoomId) => Promise<unknown> = async () => {},
): Promise<Asked> {
  const world = await FlowWorld.start();
  world.puppets.there = true;
  const { client, room: management } = await world.optsIn(ANA);
  await before(world, management);
  await client.says("Bram", "1", "hello");
  await settle();
  const { room } = await world.portal(ANA, "Bram");
  return { world, client, management, room, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

const event = ({ world, room }: Asked, body: string): EventId => {
  const found = world.homeserver
    .room(room)
    .events.find(({ send }) => String(send.content["body"]).startsWith(body));
  if (!found) throw new Error(`nobody said ${body}`);
  return found.event;
};
const asks = async ({ world, management }: Asked, text: string): Promise<string> => {
  await world.says(ANA, management, text);
  return world.homeserver.shown(management).at(-1) ?? "";
};
const reacts = ({ world, room }: Asked, target: EventId, emoji: string): Promise<void> =>
  world.push({ kind: "reaction", room, sender: ANA, id: world.newEventId(), at: 0, target, emoji });
/** Ana types, and has read what Bram wrote; answers what the network was told. */
async function shows(it: Asked): Promise<readonly string[]> {
  const before = it.client.signs.length;
  const { room } = it;
  it.world.bridge.signals.take([
    { kind: "typing", room, users: [ANA] },
    { kind: "typing", room, users: [] },
    { kind: "receipt", room, event: event(it, "hello"), user: ANA },
  ]);
  await settle();
  return it.client.signs.slice(before);
}

const QUESTION =
  /^bot: Bram writes to you on WhatsApp for the first time\. They do not see that you read or write/;

test("who writes for the first time is asked about above their message, and is shown nothing meanwhile", async () => {
  await using it = await asked();
  const [question, hello] = it.world.homeserver.shown(it.room);
  expect([question, hello]).toEqual([expect.stringMatching(QUESTION), "Bram: hello"]);
  expect(await shows(it)).toEqual([]);
  await it.client.says("Bram", "2", "still there?");
  await settle();
  expect(it.world.homeserver.shown(it.room)).toHaveLength(3);
});

test.each([
  ["writing back", (it: Asked) => it.world.says(ANA, it.room, "who is it?")],
  ["a reaction to the question", (it: Asked) => reacts(it, event(it, "Bram writes"), "👍🏽")],
  ["a reaction to their message", (it: Asked) => reacts(it, event(it, "hello"), "❤️")],
  ["a command", (it: Asked) => asks(it, "accept whatsapp Bram")],
])("%s accepts, and what was read before is told then", async (_how, act) => {
  await using it = await asked();
  expect(await shows(it)).toEqual([]);
  await act(it);
  expect(await shows(it)).toEqual(["typing", "not typing", "read 1"]);
  await it.world.restart();
  expect(it.world.homeserver.shown(it.room).filter((line) => QUESTION.test(line))).toHaveLength(1);
});

test("another emoji on the question answers nothing, and is told to nobody", async () => {
  await using it = await asked();
  await reacts(it, event(it, "Bram writes"), "🤔");
  expect(await shows(it)).toEqual([]);
  expect(it.client.taken).toEqual([]);
});

test.each([
  ["a reaction to the question", (it: Asked) => reacts(it, event(it, "Bram writes"), "👎")],
  ["a command", (it: Asked) => asks(it, "decline whatsapp Bram")],
])(
  "%s declines: our person is out of the chat, not invited again, and the sender is not told",
  async (_how, act) => {
    await using it = await asked();
    await act(it);
    const last = it.world.homeserver.shown(it.management).at(-1);
    expect(last).toMatch(
      /^bot: You declined the chat with Bram, who is not told\..*“block whatsapp Bram”.*“report whatsapp Bram”/,
    );
    await it.world.moves(ANA, it.room, "leave");
    await it.client.says("Bram", "2", "hello?");
    await settle();
    expect(it.world.homeserver.room(it.room).members.get(ANA)).toBe("leave");
    expect([it.client.taken, it.client.signs, [...it.client.blocked]]).toEqual([[], [], []]);
    expect(await asks(it, "accept whatsapp Bram")).toMatch(/^bot: You accepted the chat with Bram/);
    expect(it.world.homeserver.room(it.room).members.get(ANA)).toBe("join");
    expect(await shows(it)).toEqual(["typing", "not typing", "read 1"]);
  },
);

test("decline can block at once", async () => {
  await using it = await asked();
  expect(await asks(it, "decline whatsapp Bram block")).toMatch(
    /^bot: You declined the chat with Bram, who is blocked/,
  );
  expect([...it.client.blocked]).toEqual(["Bram"]);
});

test("nobody is asked about who was written to first, nor where requests are off, nor without double puppets", async () => {
  await using off = await asked((world, management) => world.says(ANA, management, "requests off"));
  expect(off.world.homeserver.shown(off.room)).toEqual(["Bram: hello"]);
  expect(await shows(off)).toEqual(["typing", "not typing", "read 1"]);

  await using first = await asked(async (world, management) => {
    world.network.contacts.set("Bram", {
      kind: "found",
      contact: {
        person: "Bram" as PersonId,
        chat: "Bram" as ChatId,
        name: "Bram",
        reachability: "reachable",
      },
    });
    await world.says(ANA, management, "start-chat whatsapp Bram");
  });
  expect(first.world.homeserver.shown(first.room)).toEqual(["Bram: hello"]);

  // There the invitation is the request.
  await using without = await asked(async (world) => {
    world.puppets.there = false;
  });
  expect(without.world.homeserver.shown(without.room)).toEqual(["Bram: hello"]);
});

test("somebody else's reaction or message answers nothing", async () => {
  await using it = await asked();
  const { world, room } = it;
  const ben = { room, sender: "@ben:test" as typeof ANA, at: 0 } as const;
  await world.push({
    ...ben,
    kind: "reaction",
    id: world.newEventId(),
    target: event(it, "Bram writes"),
    emoji: "👍",
  });
  await world.push({ ...ben, kind: "message", id: world.newEventId(), message: said("hi") });
  expect(await shows(it)).toEqual([]);
});
