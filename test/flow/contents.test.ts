import { describe, expect, test } from "@jest/globals";
import type { RemoteEvent } from "../../src/core/model/events.ts";
import type { MessageId } from "../../src/core/model/ids.ts";
import { ALL } from "../kit/everything-granted.ts";
import { ANA } from "../kit/flow-world.ts";
import { fromBram, OpenFlow, said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

type Part<Event, Kind> = Event extends { kind: Kind } ? Omit<Event, "chat" | "sender" | "at" | "id"> : never;

/** Something Bram does, beside writing. */
function bram<Kind extends RemoteEvent["kind"]>(id: string, what: Part<RemoteEvent, Kind>): RemoteEvent {
  return { ...fromBram(id), ...what } as unknown as RemoteEvent;
}

const rich = (text: string) => ({ text, spans: [] });

describe("what a contact does", () => {
  test("a reply, an edit, a reaction and a delete go to the event that shows their target", async () => {
    await using flow = await OpenFlow.begin();
    const { client } = flow;
    await client.says("Bram", "2", "an answer", { replyTo: "1" });
    await settle();
    expect(flow.events.at(-1)?.send.content).toMatchObject({
      "m.relates_to": { "m.in_reply_to": { event_id: flow.hello } },
    });
    await client.brings(bram("3", { kind: "edit", target: "1" as MessageId, message: said("hallo") }));
    await settle();
    expect(flow.events.at(-1)?.send.content).toMatchObject({
      "m.relates_to": { rel_type: "m.replace", event_id: flow.hello },
    });
    await client.brings(bram("4", { kind: "reaction", target: "1" as MessageId, own: false, emoji: "👍" }));
    await settle();
    expect(flow.events.at(-1)?.send).toMatchObject({
      type: "m.reaction",
      content: { "m.relates_to": { rel_type: "m.annotation", event_id: flow.hello } },
    });
    await client.brings(bram("5", { kind: "delete", target: "1" as MessageId }));
    await settle();
    const { events } = flow;
    const [edit, reaction, ...redactions] = events.slice(-5);
    // The message, each edit of it and each reaction to it.
    expect(redactions.map(({ send }) => [send.type, send.content["redacts"]])).toEqual(
      [flow.hello, edit?.event, reaction?.event].map((event) => ["m.room.redaction", event]),
    );
  });

  test("a second reaction takes the first one's place, an empty one takes it back", async () => {
    await using flow = await OpenFlow.begin();
    const { client } = flow;
    const react = (id: string, emoji: string) =>
      bram(id, { kind: "reaction", target: "1" as MessageId, own: false, emoji });
    await client.brings(react("2", "👍"), react("3", "🎉"), react("4", ""));
    await settle();
    const types = flow.events.map(({ send }) => send.type);
    expect(types.slice(-4)).toEqual(["m.reaction", "m.room.redaction", "m.reaction", "m.room.redaction"]);
    const [first, gone] = flow.events.slice(-4);
    expect(gone?.send.content).toMatchObject({ redacts: first?.event });
  });

  test("a reaction that is too long is shown cut, without half a character, and said whole", async () => {
    await using flow = await OpenFlow.begin();
    const { client } = flow;
    const emoji = `${"a".repeat(63)}😀`;
    await client.brings(bram("2", { kind: "reaction", target: "1" as MessageId, own: false, emoji }));
    await client.says("Bram", "3", "and on it goes");
    await settle();
    const [reaction] = flow.events.slice(-3);
    const key = `${"a".repeat(63)}…`;
    expect(reaction?.send.content).toMatchObject({ "m.relates_to": { key } });
    expect(flow.shown.slice(-2)).toEqual([
      `bot: Bram's reaction is too long to be shown as one. It says: ${emoji}`,
      "Bram: and on it goes",
    ]);
  });

  test("what comes before its target waits for it, and the chat goes on", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client } = flow;
    await client.brings(bram("3", { kind: "reaction", target: "2" as MessageId, own: false, emoji: "👍" }));
    await client.brings(bram("4", { kind: "edit", target: "2" as MessageId, message: said("changed") }));
    await client.says("Bram", "5", "meanwhile");
    await settle();
    expect(flow.last).toBe("Bram: meanwhile");
    await world.restart();
    await world.network.clientOf(ANA).says("Bram", "2", "late");
    await settle();
    const events = flow.events.slice(-3);
    expect(events.map(({ send }) => send.type)).toEqual(["m.room.message", "m.reaction", "m.room.message"]);
    const late = events[0]?.event;
    for (const { send } of events.slice(1)) {
      expect(send.content).toMatchObject({ "m.relates_to": { event_id: late } });
    }
  });

  test("nobody edits or deletes what another wrote", async () => {
    await using flow = await OpenFlow.begin();
    const { client } = flow;
    await flow.does({ kind: "message", message: said("mine") });
    const [mine] = client.received.keys();
    const before = flow.events.length;
    await client.brings(
      bram("8", { kind: "edit", target: mine as MessageId, message: said("forged") }),
      bram("9", { kind: "delete", target: mine as MessageId }),
    );
    await settle();
    const { events } = flow;
    expect(events.slice(before).map(({ send }) => send.content["body"])).toEqual([
      "Bram tried to change a message they did not write; it stays as it is.",
      "Bram tried to delete a message they did not write; it stays as it is.",
    ]);
  });

  test("what the network excludes is told once a chat", async () => {
    await using flow = await OpenFlow.begin();
    const { client } = flow;
    await client.brings(bram("2", { kind: "excluded", what: "status" }));
    await client.brings(bram("3", { kind: "excluded", what: "status" }));
    await settle();
    const told = flow.shown.filter((line) => line.includes("status update"));
    expect(told).toHaveLength(1);
  });

  test("a file is on the homeserver before its message is sent, and is not sent twice after a crash", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client } = flow;
    world.network.files.set("f", Buffer.from("png"));
    const media = {
      kind: "image",
      mimetype: "image/png",
      name: "a.png",
      source: { at: "network", ref: "f" },
    } as const;
    const message = { parts: [{ kind: "media", media, caption: rich("look") }] } as const;
    await client.brings(bram("2", { kind: "message", message }));
    await world.crash();
    await settle();
    const pictures = flow.events.filter(({ send }) => send.content["msgtype"] === "m.image");
    expect(pictures).toHaveLength(1);
    expect(pictures[0]?.send.content).toMatchObject({ url: expect.stringMatching(/^mxc:/), body: "look" });
  });
});

describe("what a person does", () => {
  test("replies, edits, reactions and deletes name the network's message", async () => {
    await using flow = await OpenFlow.begin();
    const { client } = flow;
    const answer = await flow.does({ kind: "message", message: said("hi"), replyTo: flow.hello });
    const [id] = client.received.keys();
    await flow.does({ kind: "edit", target: answer, message: said("hi!") });
    const liked = await flow.does({ kind: "reaction", target: flow.hello, emoji: "👍️" });
    await flow.does({ kind: "redaction", target: liked });
    await flow.does({ kind: "redaction", target: answer });
    expect(client.taken).toEqual([
      { kind: "message", message: { ...said("hi"), replyTo: { id: "1", own: false } } },
      { kind: "edit", target: id, message: said("hi!") },
      { kind: "reaction", target: "1", own: false, emoji: "👍️" },
      { kind: "reaction", target: "1", own: false, emoji: "", was: "👍️" },
      { kind: "delete", target: id },
    ]);
  });

  test("what is not granted is said on that message, with what happens instead", async () => {
    await using flow = await OpenFlow.begin();
    const { client } = flow;
    client.granted = { ...ALL, edits: false, reactions: false, deletes: false, location: false };
    const wrote = await flow.does({ kind: "message", message: said("first") });
    for (const [what, words] of [
      [{ kind: "edit", target: wrote, message: said("second") }, /new message/],
      [{ kind: "reaction", target: flow.hello, emoji: "👍" }, /no reactions/],
      [{ kind: "redaction", target: wrote }, /keeps their copy/],
    ] as const) {
      await flow.does(what);
      expect(flow.last).toMatch(words);
    }
    await flow.does({
      kind: "message",
      message: { parts: [{ kind: "location", latitude: 1, longitude: 2 }] },
    });
    expect(Array.from(client.received.values()).at(-1)).toContain("openstreetmap");
    expect(flow.last).toMatch(/takes no locations here/);
  });

  test("a file over the limit is refused with the number, before it is fetched", async () => {
    await using flow = await OpenFlow.begin();
    const { client } = flow;
    const media = {
      kind: "image",
      mimetype: "image/png",
      size: 3_000_000,
      source: { at: "homeserver", uri: "mxc://test/1" },
    } as const;
    await flow.does({ kind: "message", message: { parts: [{ kind: "media", media }] } });
    expect(flow.last).toMatch(/2\.9 MiB large.*977 KiB/);
    expect(client.taken).toEqual([]);
  });

  test("an event of another room is no target", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client } = flow;
    await client.says("Cees", "x", "other");
    await settle();
    const other = (await world.portal(ANA, "Cees")).room;
    await flow.does({ kind: "reaction", room: other, target: flow.hello, emoji: "👍" });
    await world.clock.advance(60_000);
    expect(client.taken).toEqual([]);
    expect(world.homeserver.shown(other).at(-1)).toMatch(
      /The message you reacted to did not arrive there, or the bridge does not know it/,
    );
  });

  test("typing and reading reach the contact, and reading can be kept to oneself", async () => {
    await using flow = await OpenFlow.begin();
    const { world, client, room, management } = flow;
    world.bridge.signals.take([{ kind: "typing", room, users: [ANA] }]);
    await settle();
    world.bridge.signals.take([{ kind: "typing", room, users: [] }]);
    world.bridge.signals.take([{ kind: "receipt", room, event: flow.hello, user: ANA }]);
    await settle();
    await world.says(ANA, management, "receipts off");
    world.bridge.signals.take([{ kind: "receipt", room, event: flow.hello, user: ANA }]);
    await settle();
    expect(client.signs).toEqual(["typing", "not typing", "read 1"]);
  });
});
