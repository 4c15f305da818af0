import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, PersonId } from "../../src/core/model/ids.ts";
import { type Asked, asked, asks, event, reacts, shows } from "../kit/first-message.ts";
import { ANA, FlowWorld } from "../kit/flow-world.ts";
import { said } from "../kit/open-flow.ts";
import { SecondDevice } from "../kit/second-device.ts";
import { settle } from "../kit/virtual-clock.ts";

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

describe("a network that has requests of its own", () => {
  test("says whether a chat is one, with double puppets and without", async () => {
    for (const puppets of [true, false]) {
      await using world = await FlowWorld.start();
      world.puppets.there = puppets;
      const { client } = await world.optsIn(ANA);
      world.network.requests.set("Known" as ChatId, false).set("New" as ChatId, true);
      await client.says("Known", "1", "hello");
      await client.says("New", "2", "hello");
      await settle();
      const lines = async (who: string) => world.homeserver.shown((await world.portal(ANA, who)).room);
      expect(await lines("Known")).toEqual(["Known: hello"]);
      expect((await lines("New"))[0]).toMatch(/writes to you on WhatsApp for the first time/);
    }
  });

  test.each([
    ["writing back", (it: Asked) => it.world.says(ANA, it.room, "hi"), "Bram accepted"],
    ["a reaction", async (it: Asked) => reacts(it, event(it, "Bram writes to you"), "👍"), "Bram accepted"],
    ["a command", (it: Asked) => asks(it, "accept whatsapp Bram"), "Bram accepted"],
    ["a reaction", async (it: Asked) => reacts(it, event(it, "Bram writes to you"), "👎"), "Bram declined"],
    ["a command", (it: Asked) => asks(it, "decline whatsapp Bram"), "Bram declined"],
  ] as const)("hears what was answered by %s, once, and before what is written", async (_, answer, told) => {
    await using it = await asked(async (world) => void world.network.requests.set("Bram" as ChatId, true));
    await answer(it);
    expect(it.world.network.answered).toEqual([told]);
    await it.world.restart();
    await it.world.clock.advance(600_000);
    expect(it.world.network.answered).toEqual([told]);
  });

  test("hears it once it is there, after a crash too, and no message waits for that", async () => {
    await using it = await asked(async (world) => void world.network.requests.set("Bram" as ChatId, true));
    const away = new BridgeError("remote-unreachable", { words: "away", certain: true, retryAfter: 0 });
    it.world.network.answerFaults.push(away, away);
    await it.world.says(ANA, it.room, "hi");
    expect(it.world.network.clientOf(ANA).taken).toHaveLength(1);
    expect(it.world.network.answered).toEqual([]);
    await it.world.crash();
    expect(it.world.network.answered).toEqual([]);
    await it.world.clock.advance(120_000);
    expect(it.world.network.answered).toEqual(["Bram accepted"]);
  });

  test("hears what was declined though it could not be stored at first, and the person said it again", async () => {
    await using it = await asked(async (world) => void world.network.requests.set("Bram" as ChatId, true));
    const { world } = it;
    let isFull = true;
    world.spoiled = (tx) => ({
      ...tx,
      requestAnswers: {
        ...tx.requestAnswers,
        put(key, accepted) {
          if (isFull) throw new BridgeError("storage", { words: "full", certain: true });
          tx.requestAnswers.put(key, accepted);
        },
      },
    });
    await reacts(it, event(it, "Bram writes to you"), "👎");
    isFull = false;
    await world.restart();
    expect(world.network.answered).toEqual(["Bram declined"]);
    expect(world.homeserver.room(it.room).members.get(ANA)).toBe("leave");
  });

  test("is sent what is written while it does not take the answer", async () => {
    await using it = await asked(async (world) => void world.network.requests.set("Bram" as ChatId, true));
    const away = new BridgeError("remote-unreachable", { words: "away", certain: true, retryAfter: 0 });
    it.world.network.answerFaults.push(...Array.from({ length: 9 }, () => away));
    await it.world.says(ANA, it.room, "hi");
    await it.world.says(ANA, it.room, "and one more");
    expect(it.world.network.clientOf(ANA).taken).toHaveLength(2);
    expect(it.world.network.answered).toEqual([]);
  });

  test("that refuses the answer for good is not asked again", async () => {
    await using it = await asked(async (world) => void world.network.requests.set("Bram" as ChatId, true));
    it.world.network.answerFaults.push(new BridgeError("forbidden", { words: "no", certain: true }));
    await it.world.says(ANA, it.room, "hi");
    await it.world.clock.advance(600_000);
    expect(it.world.network.answered).toEqual([]);
    expect(it.world.warnings).toContain("a network does not take the answer to a request");
  });

  test("is told that everybody is accepted whose person wants no requests", async () => {
    await using it = await asked(async (world, management) => {
      world.network.requests.set("Bram" as ChatId, true);
      await world.says(ANA, management, "requests off");
    });
    expect(it.world.homeserver.shown(it.room)).toEqual(["Bram: hello"]);
    expect(it.world.network.answered).toEqual(["Bram accepted"]);
  });

  test("tells what was answered on the phone, which the room then shows", async () => {
    await using it = await asked();
    const phone = new SecondDevice(it.world);
    await phone.does({ kind: "request-answered", accepted: true }, "a1");
    expect(it.world.homeserver.shown(it.room).at(-1)).toBe(
      "bot: You accepted this chat on another device: Bram now sees what you read and write.",
    );
    expect(await shows(it)).toEqual(["typing", "not typing", "read 1"]);
    const before = it.world.homeserver.shown(it.room).length;
    await phone.does({ kind: "request-answered", accepted: false }, "a2");
    expect(it.world.homeserver.shown(it.room)).toHaveLength(before);
    expect(it.world.homeserver.room(it.room).members.get(ANA)).toBe("join");
    expect(it.world.network.answered).toEqual([]);
  });

  test("tells that it was declined on the phone: its person is out, and stays out", async () => {
    await using it = await asked();
    await new SecondDevice(it.world).does({ kind: "request-answered", accepted: false }, "a1");
    expect(it.world.homeserver.room(it.room).members.get(ANA)).toBe("leave");
    await it.client.says("Bram", "2", "please");
    await settle();
    expect(it.world.homeserver.room(it.room).members.get(ANA)).toBe("leave");
    expect(it.world.network.answered).toEqual([]);
  });
});

test("a block on the phone and one made here are one state", async () => {
  await using it = await asked();
  const phone = new SecondDevice(it.world);
  const blocks = (blocked: boolean, id: string) =>
    phone.does({ kind: "blocked", person: "Bram" as PersonId, blocked }, id);
  await blocks(true, "b1");
  expect(it.world.homeserver.shown(it.room).at(-1)).toBe(
    "bot: You blocked Bram on another device: WhatsApp keeps their messages from you, and nothing is sent to them. Write “unblock whatsapp Bram” to me to lift it.",
  );
  await it.world.says(ANA, it.room, "hi");
  expect(it.client.taken).toEqual([]);
  // What was done here comes back, and is said once.
  await asks(it, "unblock whatsapp Bram");
  const before = it.world.homeserver.shown(it.room).length;
  await blocks(false, "b2");
  expect(it.world.homeserver.shown(it.room)).toHaveLength(before);
  await asks(it, "block whatsapp Bram");
  await blocks(false, "b3");
  expect(it.world.homeserver.shown(it.room).at(-1)).toBe(
    "bot: You lifted the block on Bram on another device.",
  );
  await it.world.says(ANA, it.room, "hi again");
  expect(it.client.taken).toHaveLength(1);
  // Whom there is no chat with is blocked all the same, and that makes no room.
  await phone.does({ kind: "blocked", person: "Cees" as PersonId, blocked: true }, "b4", "Cees");
  await expect(it.world.portal(ANA, "Cees")).rejects.toThrow("no portal");
  const [login] = await it.world.store.logins.of(ANA, it.world.network.id);
  expect(login && (await it.world.store.contacts.get(login.id, "Cees" as PersonId))).toMatchObject({
    blocked: true,
  });
});
