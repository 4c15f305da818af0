import { describe, expect, test } from "@jest/globals";
import type { EventId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import { plainText, type RichText } from "../../src/core/model/rich-text.ts";
import { ALL } from "../kit/everything-granted.ts";
import { ANA, BEN } from "../kit/flow-world.ts";
import { GroupFlow } from "../kit/group-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const said = (text: string) => ({ parts: [{ kind: "text", style: "text", body: plainText(text) }] }) as const;
const ALL_OF_THEM = { start: 0, end: 5, style: { kind: "mentionRoom" } } as const;
const id = (name: string) => name as MessageId;

const sentBy = (flow: GroupFlow, who: string) =>
  flow.room.events.filter(({ send }) => send.sender === flow.ghostOf(who)).map(({ send }) => send);

const eventOf = (flow: GroupFlow, body: string): EventId => {
  const found = flow.room.events.find(({ send }) => send.content["body"] === body);
  if (!found) throw new Error(`nobody said ${body}`);
  return found.event;
};

describe("what several people say in a group", () => {
  test("each says as themselves, in the order in which it came", async () => {
    await using flow = await GroupFlow.open();
    await flow.group.says("Carla", "2", "hi");
    await flow.group.says("Dirk", "3", "yes?");
    await flow.group.says("Bram", "4", "dinner");
    await settle();
    expect(flow.shown).toEqual(["Bram: hello", "Carla: hi", "Dirk: yes?", "Bram: dinner"]);
  });

  test("answers and reactions are the sender's own, one a person", async () => {
    await using flow = await GroupFlow.open();
    await flow.group.says("Carla", "2", "an answer", "1");
    for (const who of ["Carla", "Dirk"]) {
      await flow.group.does(who, `r-${who}`, { kind: "reaction", target: id("1"), own: false, emoji: "👍" });
    }
    await flow.group.does("Dirk", "r2", { kind: "reaction", target: id("1"), own: false, emoji: "" });
    await settle();
    const hello = eventOf(flow, "hello");
    expect(sentBy(flow, "Carla").map(({ type, content }) => [type, content["m.relates_to"]])).toMatchObject([
      ["m.room.message", { "m.in_reply_to": { event_id: hello } }],
      ["m.reaction", { event_id: hello, key: "👍" }],
    ]);
    expect(sentBy(flow, "Dirk").map(({ type }) => type)).toEqual(["m.reaction", "m.room.redaction"]);
  });

  test("nobody changes or deletes what another wrote; who wrote it does, with its reactions", async () => {
    await using flow = await GroupFlow.open();
    await flow.group.does("Carla", "e", { kind: "edit", target: id("1"), message: said("mine now") });
    await flow.group.does("Dirk", "d", { kind: "delete", target: id("1") });
    await settle();
    expect(flow.shown.slice(1)).toEqual([
      "bot: Carla tried to change a message they did not write; it stays as it is.",
      "bot: Dirk tried to delete a message they did not write; it stays as it is.",
    ]);
    await flow.group.does("Bram", "e2", { kind: "edit", target: id("1"), message: said("better") });
    await flow.group.does("Dirk", "r", { kind: "reaction", target: id("1"), own: false, emoji: "👍" });
    await flow.group.does("Bram", "d2", { kind: "delete", target: id("1") });
    await settle();
    const removed = new Set(
      flow.room.events.flatMap(({ send }) =>
        send.type === "m.room.redaction" ? [send.content["redacts"]] : [],
      ),
    );
    const shown = flow.room.events.filter(
      ({ send, event }) =>
        send.sender !== flow.homeserver.bot && send.type !== "m.room.redaction" && !removed.has(event),
    );
    expect(shown).toEqual([]);
  });

  test("a mention of all notifies the whole room, and the same words without one nobody", async () => {
    await using flow = await GroupFlow.open();
    const all = (id: string, spans: RichText["spans"]) =>
      flow.group.does("Carla", id, {
        kind: "message",
        message: { parts: [{ kind: "text", style: "text", body: { text: "@room: dinner", spans } }] },
      });
    await all("2", [ALL_OF_THEM]);
    await all("3", []);
    await settle();
    expect(sentBy(flow, "Carla").map(({ content }) => [content["body"], content["m.mentions"]])).toEqual([
      ["@room: dinner", { room: true }],
      ["@room: dinner", {}],
    ]);
  });

  test("an edit that came before its message waits for it, whoever wrote in between", async () => {
    await using flow = await GroupFlow.open();
    await flow.group.does("Carla", "e", { kind: "edit", target: id("2"), message: said("second") });
    await flow.group.says("Dirk", "3", "meanwhile");
    await settle();
    await flow.group.says("Carla", "2", "first");
    await settle();
    expect(flow.shown.slice(1)).toEqual(["Dirk: meanwhile", "Carla: first", "Carla: * second"]);
  });

  test("what one of them has or read can be asked for again by another, for as long as it is kept", async () => {
    await using flow = await GroupFlow.open();
    await flow.world.says(ANA, flow.id, "dinner?");
    const [[remote] = []] = Array.from(flow.client.received);
    const receipt = { chat: flow.chat, ids: [remote as MessageId] };
    await flow.client.sink.receipt({ ...receipt, person: "Carla" as PersonId, kind: "delivered" });
    await flow.client.sink.receipt({ ...receipt, person: "Carla" as PersonId, kind: "read" });
    const again = () => flow.client.sink.again(flow.chat, remote as MessageId);
    expect(await again()).toMatchObject({ kind: "message", message: said("dinner?") });
    // Day by day, as a clock that jumps is not believed.
    for (let day = 0; day < 9; day += 1) {
      const now = flow.world.clock.now() + day * 86_400_000;
      await flow.world.store.write((tx) => tx.records.sweep(now));
    }
    expect(await again()).toBeUndefined();
  });

  test("who types, and who read up to where, is shown of each", async () => {
    await using flow = await GroupFlow.open();
    await flow.world.says(ANA, flow.id, "dinner?");
    const [[remote] = []] = Array.from(flow.client.received);
    const receipt = { chat: flow.chat, ids: [remote as MessageId] };
    await flow.client.sink.receipt({ ...receipt, person: "Carla" as PersonId, kind: "read" });
    await flow.client.sink.receipt({ ...receipt, person: "Dirk" as PersonId, kind: "delivered" });
    await flow.client.sink.receipt({ ...receipt, person: "Bram" as PersonId, kind: "read" });
    const typing = { kind: "typing", chat: flow.chat, active: true, voice: false } as const;
    flow.client.sink.signal({ ...typing, sender: "Dirk" as PersonId });
    await settle();
    const readers = flow.homeserver.reads.map(({ as }) => as).filter((as) => as !== flow.homeserver.bot);
    expect(readers).toEqual([flow.ghostOf("Carla"), flow.ghostOf("Bram")]);
    expect(flow.homeserver.typing).toEqual([{ as: flow.ghostOf("Dirk"), active: true }]);
  });
});

describe("somebody who types", () => {
  const typing = { kind: "typing", active: true, voice: false } as const;

  test("has stopped when what they wrote is here, though the network does not say so; others have not", async () => {
    await using flow = await GroupFlow.open();
    for (const sender of ["Carla", "Dirk"] as PersonId[])
      flow.client.sink.signal({ ...typing, chat: flow.chat, sender });
    await settle();
    await flow.group.says("Dirk", "2", "here it is");
    await flow.group.says("Dirk", "3", "and more");
    await settle();
    expect(flow.homeserver.typing).toEqual([
      { as: flow.ghostOf("Carla"), active: true },
      { as: flow.ghostOf("Dirk"), active: true },
      { as: flow.ghostOf("Dirk"), active: false },
    ]);
  });
});

describe("what a person does in a group's room", () => {
  test("goes to the group: messages, answers, reactions, edits and deletions", async () => {
    await using flow = await GroupFlow.open();
    const { world } = flow;
    const common = () => ({ room: flow.id, sender: ANA, at: 0, id: world.newEventId() });
    const message = { ...common(), kind: "message", message: said("dinner?") } as const;
    await world.push(message);
    await world.push({ ...common(), kind: "message", message: said("yes"), replyTo: eventOf(flow, "hello") });
    await world.push({ ...common(), kind: "reaction", target: eventOf(flow, "hello"), emoji: "👍" });
    await world.push({ ...common(), kind: "edit", target: message.id, message: said("lunch?") });
    await world.push({ ...common(), kind: "redaction", target: message.id });
    expect(flow.client.taken.map(({ kind }) => kind)).toEqual([
      "message",
      "message",
      "reaction",
      "edit",
      "delete",
    ]);
    expect(flow.client.taken[1]).toMatchObject({ message: { replyTo: { id: "1", own: false } } });
    expect(flow.shown).toEqual(["Bram: hello"]);
  });

  test("goes to all where it mentions the whole room", async () => {
    await using flow = await GroupFlow.open();
    const body = "@room: dinner";
    await flow.writes(ANA, "m.room.message", { msgtype: "m.text", body, "m.mentions": { room: true } });
    await flow.writes(ANA, "m.room.message", { msgtype: "m.text", body, "m.mentions": {} });
    expect(flow.client.taken).toMatchObject([
      { message: { parts: [{ body: { text: body, spans: [ALL_OF_THEM] } }] } },
      { message: { parts: [{ body: { text: body, spans: [] } }] } },
    ]);
  });

  test("is refused with words where the network does not take it in groups", async () => {
    await using flow = await GroupFlow.open();
    const granted = flow.client.granted;
    flow.client.capabilities = (chat) => (chat === flow.chat ? { ...ALL, reactions: false } : granted);
    await flow.world.push({
      kind: "reaction",
      room: flow.id,
      sender: ANA,
      at: 0,
      id: flow.world.newEventId(),
      target: eventOf(flow, "hello"),
      emoji: "👍",
    });
    expect(flow.shown.at(-1)).toBe(
      "bot: ⚠️ Not delivered. WhatsApp takes no reactions here. Say it in a message.",
    );
    expect(flow.client.taken).toEqual([]);
  });

  test("of somebody who is not in the group there is said to them", async () => {
    await using flow = await GroupFlow.open();
    flow.room.invite(ANA, BEN, false);
    flow.homeserver.lets(BEN, flow.id);
    await flow.world.says(BEN, flow.id, "hello all");
    expect(flow.shown.at(-1)).toMatch(
      /^bot: ⚠️ Not delivered. You are not in this group on WhatsApp with an account of your own.*Write “enable whatsapp” to the bot/,
    );
    expect(flow.client.taken).toEqual([]);
  });

  test("having read up to somewhere is told of each sender's messages", async () => {
    await using flow = await GroupFlow.open();
    await flow.group.says("Carla", "2", "hi");
    await flow.group.says("Bram", "3", "again");
    await settle();
    flow.world.bridge.signals.take([
      { kind: "receipt", room: flow.id, event: eventOf(flow, "again"), user: ANA },
    ]);
    await settle();
    expect(flow.client.signs).toEqual(["read 1 3", "read 2"]);
  });
});
