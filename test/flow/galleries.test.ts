import { describe, expect, test } from "@jest/globals";
import type { Message, Part } from "../../src/core/model/content.ts";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { EventId, MessageId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { ANA } from "../kit/flow-world.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

function picture(name: string, more: { readonly size?: number; readonly caption?: string } = {}): Part {
  const { size, caption } = more;
  const source = { at: "homeserver", uri: `mxc://test/${name}` } as const;
  const media = {
    kind: "image",
    mimetype: "image/png",
    name,
    source,
    ...(size === undefined ? {} : { size }),
  } as const;
  return { kind: "media", media, ...(caption === undefined ? {} : { caption: plainText(caption) }) };
}

const gallery: Message = { parts: [picture("a", { caption: "look" }), picture("b"), picture("c")] };
const away = new BridgeError("remote-unreachable", { words: "away.", certain: true, retryAfter: 0 });
const broken = new BridgeError("bad-input", { words: "It cannot be read.", certain: true });
const names = (flow: OpenFlow): readonly string[] =>
  flow.client.taken.flatMap((it) =>
    it.kind === "message"
      ? it.message.parts.map((part) => (part.kind === "media" ? (part.media.name ?? "") : ""))
      : [],
  );

describe("several files in one event", () => {
  test("are a message each, in order; the first has the caption and is the answer", async () => {
    await using flow = await OpenFlow.begin();
    await flow.does({ kind: "message", message: gallery, replyTo: flow.hello });
    expect(flow.client.taken).toEqual([
      { kind: "message", message: { parts: [gallery.parts[0]], replyTo: { id: "1", own: false } } },
      { kind: "message", message: { parts: [gallery.parts[1]] } },
      { kind: "message", message: { parts: [gallery.parts[2]] } },
    ]);
    expect(new Set(flow.client.received.keys()).size).toBe(3);
  });

  test("cross once each, in order, whenever the bridge is killed", async () => {
    for (const when of ["before", "after"] as const) {
      for (const failing of [0, 1, 2]) {
        await using flow = await OpenFlow.begin();
        const { faults } = flow.client;
        // So many go well before.
        faults.length = failing;
        faults.push({ when, error: away });
        await flow.does({ kind: "message", message: gallery });
        await flow.world.crash();
        await settle();
        await flow.world.clock.advance(120_000);
        expect(names(flow)).toEqual(["a", "b", "c"]);
      }
    }
  });

  test("are taken back with their event: each that is there, and none that had not left", async () => {
    await using flow = await OpenFlow.begin();
    const sent = await flow.does({ kind: "message", message: gallery });
    const ids = Array.from(flow.client.received.keys());
    await flow.does({ kind: "redaction", target: sent });
    expect(flow.client.taken.slice(3)).toEqual(ids.map((target) => ({ kind: "delete", target })));

    flow.client.faults.push({ when: "before", error: away });
    const waiting = await flow.does({ kind: "message", message: gallery });
    await flow.does({ kind: "redaction", target: waiting });
    await flow.world.clock.advance(120_000);
    expect(flow.client.taken).toHaveLength(6);
    expect((await flow.world.store.networkOutbox.ofEvent(waiting)).map(({ state }) => state)).toEqual([
      "cancelled",
      "cancelled",
      "cancelled",
    ]);
  });

  test("are answered, edited and reacted to at the first", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.does({ kind: "message", message: gallery });
    const [first] = flow.client.received.keys();
    await flow.does({ kind: "reaction", target: event, emoji: "👍" });
    const [, ...others] = gallery.parts;
    const captioned = { parts: [picture("a", { caption: "look here" }), ...others] };
    await flow.does({ kind: "edit", target: event, message: captioned });
    await flow.does({ kind: "message", message: said("that one"), replyTo: event });
    expect(flow.client.taken.slice(3)).toEqual([
      { kind: "reaction", target: first, own: true, emoji: "👍" },
      { kind: "edit", target: first, message: { parts: captioned.parts.slice(0, 1) } },
      { kind: "message", message: { ...said("that one"), replyTo: { id: first, own: true } } },
    ]);
  });

  test("are not exchanged by an edit, which is told", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.does({ kind: "message", message: gallery });
    const [first] = gallery.parts;
    for (const parts of [[first, picture("b"), picture("d")], [first], said("words").parts]) {
      await flow.does({ kind: "edit", target: event, message: { parts } as Message });
    }
    expect(flow.client.taken).toHaveLength(3);
    expect(flow.shown.at(-1)).toMatch(/cannot change .* your contact still has what was sent first/);
  });

  test("answers and reactions of the contact to any of them are to the event", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.does({ kind: "message", message: gallery });
    const third = Array.from(flow.client.received.keys())[2] ?? "";
    await flow.client.says("Bram", "7", "the third!", { replyTo: third });
    await settle();
    expect(flow.events.at(-1)?.send.content).toMatchObject({
      body: "the third!",
      "m.relates_to": { "m.in_reply_to": { event_id: event } },
    });
  });

  test("one that is too large, or fails, is named, the others cross, and it alone is sent again", async () => {
    await using flow = await OpenFlow.begin();
    const parts = [picture("a"), picture("b", { size: 3_000_000 }), picture("c"), picture("d")];
    flow.client.faults.push({ when: "before", error: broken });
    const event = await flow.does({ kind: "message", message: { parts } });
    expect(names(flow)).toEqual(["c", "d"]);
    const words = flow.shown.filter((line) => line.includes("Not delivered"));
    expect(words).toEqual([
      expect.stringMatching(/Item 2, “b”: It is 2\.9 MiB large/),
      expect.stringMatching(/Item 1, “a”: It cannot be read\./),
    ]);
    const states = (await flow.world.store.networkOutbox.ofEvent(event)).map(({ item, state }) => [
      item,
      state,
    ]);
    expect(states).toEqual([
      [0, "failed"],
      [2, "sent"],
      [3, "sent"],
    ]);
    await flow.world.says(ANA, flow.management, "retry whatsapp Bram");
    await settle();
    expect(names(flow)).toEqual(["c", "d", "a"]);
    expect(flow.shown.filter((line) => line.includes("2.9 MiB"))).toHaveLength(1);
  });

  test("of which one was refused have their words changed; those of a refused one cannot be", async () => {
    await using flow = await OpenFlow.begin();
    const large = picture("b", { size: 3_000_000 });
    const told = () => flow.shown.filter((line) => line.includes("Not delivered")).at(-1);
    const event = await flow.does({
      kind: "message",
      message: { parts: [picture("a"), large, picture("c")] },
    });
    const [first] = flow.client.received.keys();
    const edit = (target: EventId, ...parts: Part[]) =>
      flow.does({ kind: "edit", target, message: { parts } });
    await edit(event, picture("a", { caption: "look" }), large, picture("c"));
    expect(flow.client.taken.at(-1)).toEqual({
      kind: "edit",
      target: first,
      message: { parts: [picture("a", { caption: "look" })] },
    });
    expect(told()).toContain("2.9 MiB");
    const other = await flow.does({ kind: "message", message: { parts: [large, picture("d")] } });
    await edit(other, { ...large, caption: plainText("look") } as Part, picture("d"));
    expect(told()).toContain("The file that these words are with did not arrive there.");
    await edit(event, picture("a"), large, picture("c"), picture("e"));
    expect(told()).toContain("your contact still has what was sent first");
    expect(flow.client.taken.map(({ kind }) => kind)).toEqual(["message", "message", "edit", "message"]);
  });

  test("are shown as delivered to the network when the last is there", async () => {
    await using flow = await OpenFlow.begin();
    await flow.says("before");
    await flow.world.clock.advance(1_000);
    const later = new BridgeError("remote-refused", { words: "Later.", certain: true, retryAfter: 5_000 });
    flow.client.faults.length = 1;
    flow.client.faults.push({ when: "before", error: later });
    const event = await flow.does({ kind: "message", message: gallery });
    const marked = () => flow.world.homeserver.reads.filter((read) => read.event === event);
    await flow.world.clock.advance(500);
    expect(names(flow)).toEqual(["", "a"]);
    expect(marked()).toEqual([]);
    await flow.world.clock.advance(60_000);
    expect(marked()).toHaveLength(1);
  });

  test("a second copy of the event changes nothing", async () => {
    await using flow = await OpenFlow.begin();
    const event = await flow.does({ kind: "message", message: gallery });
    const known = (await flow.world.store.messages.ofEvent(flow.room, event)).map(({ id }) => id);
    expect(known).toEqual(Array.from(flow.client.received.keys()));
    expect(new Set<MessageId>(known).size).toBe(3);
  });
});

/** From now on the network takes so many files in one message. */
function takes({ client }: OpenFlow, files: number): void {
  const granted = client.capabilities();
  client.capabilities = () => ({ ...granted, files });
}

describe("several files in one event, to a network that takes them in one message", () => {
  const begin = async () => {
    const flow = await OpenFlow.begin();
    takes(flow, 2);
    return flow;
  };
  const four: Message = { parts: [...gallery.parts, picture("d")] };

  test("are as few messages as it takes, in order; the first has the caption and is the answer", async () => {
    await using flow = await begin();
    await flow.does({ kind: "message", message: gallery, replyTo: flow.hello });
    expect(flow.client.taken).toEqual([
      { kind: "message", message: { parts: gallery.parts.slice(0, 2), replyTo: { id: "1", own: false } } },
      { kind: "message", message: { parts: gallery.parts.slice(2) } },
    ]);
  });

  test("one that it refuses is named and keeps no other back; one message that fails is sent again whole", async () => {
    await using flow = await begin();
    const parts = [picture("a"), picture("b", { size: 3_000_000 }), picture("c"), picture("d")];
    flow.client.faults.push({ when: "before", error: broken });
    await flow.does({ kind: "message", message: { parts } });
    expect(names(flow)).toEqual(["d"]);
    const words = flow.shown.filter((line) => line.includes("Not delivered"));
    expect(words).toEqual([
      expect.stringMatching(/Item 2, “b”: It is 2\.9 MiB large/),
      expect.stringMatching(/Item 1, “a”, and 1 more: It cannot be read\./),
    ]);
    await flow.world.says(ANA, flow.management, "retry whatsapp Bram");
    await settle();
    expect(flow.client.taken.map((it) => it.kind === "message" && it.message.parts)).toEqual([
      [parts[3]],
      [parts[0], parts[2]],
    ]);
  });

  test("have their words changed in the first message; another file is told to be impossible", async () => {
    await using flow = await begin();
    const event = await flow.does({ kind: "message", message: four });
    const [first] = flow.client.received.keys();
    const changed = [picture("a", { caption: "look here" }), ...four.parts.slice(1)];
    await flow.does({ kind: "edit", target: event, message: { parts: changed } });
    expect(flow.client.taken.slice(2)).toEqual([
      { kind: "edit", target: first, message: { parts: changed.slice(0, 2) } },
    ]);
    const others = [changed[0], picture("e"), ...changed.slice(2)];
    await flow.does({ kind: "edit", target: event, message: { parts: others } as Message });
    expect(flow.client.taken).toHaveLength(3);
    expect(flow.shown.at(-1)).toMatch(/your contact still has what was sent first/);
  });

  test("that an earlier version sent one by one are changed and sent again one by one", async () => {
    await using flow = await OpenFlow.begin();
    flow.client.faults.push({ when: "before", error: broken });
    const event = await flow.does({ kind: "message", message: gallery });
    takes(flow, 32);
    await flow.world.says(ANA, flow.management, "retry whatsapp Bram");
    await settle();
    expect(names(flow)).toEqual(["b", "c", "a"]);
    const changed = [picture("a", { caption: "look here" }), ...gallery.parts.slice(1)];
    await flow.does({ kind: "edit", target: event, message: { parts: changed } });
    expect(flow.client.taken.at(-1)).toMatchObject({ kind: "edit", message: { parts: [changed[0]] } });
  });
});
