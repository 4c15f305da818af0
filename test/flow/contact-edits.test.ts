import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { EventId, MessageId } from "../../src/core/model/ids.ts";
import type { Media } from "../../src/core/model/media.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { OpenFlow, said } from "../kit/open-flow.ts";
import { settle } from "../kit/virtual-clock.ts";

const MINUTE = 60_000;
const id = (name: string) => name as MessageId;

/** What a client shows of Bram's: each event with its newest content, without what was redacted. */
function bodies({ events, world }: OpenFlow): readonly string[] {
  const gone = new Set(events.map(({ send }) => send.content["redacts"]));
  const shown = new Map<EventId, string>();
  for (const { event, send } of events) {
    if (send.type !== "m.room.message" || send.sender === world.homeserver.bot || gone.has(event)) continue;
    const relation = send.content["m.relates_to"] as { rel_type?: string; event_id?: EventId } | undefined;
    const fresh = send.content["m.new_content"] as { body: string } | undefined;
    if (relation?.rel_type !== "m.replace") shown.set(event, String(send.content["body"]));
    else if (relation.event_id && shown.has(relation.event_id) && fresh) {
      shown.set(relation.event_id, fresh.body);
    }
  }
  return Array.from(shown.values());
}

/** Whether somebody who reads the room's raw events finds the words in one that was not taken out. */
function readable({ events }: OpenFlow, words: string): boolean {
  const gone = new Set(events.map(({ send }) => send.content["redacts"]));
  return events.some(({ event, send }) => !gone.has(event) && JSON.stringify(send.content).includes(words));
}

const edits = (flow: OpenFlow, name: string, target: string, text: string) =>
  flow.bram(name, { kind: "edit", target: id(target), message: said(text) });
const deletes = (flow: OpenFlow, name: string, target: string) =>
  flow.bram(name, { kind: "delete", target: id(target) });

const long = (word: string, bytes: number) => `${word} `.repeat(Math.ceil(bytes / (word.length + 1))).trim();
const squeezed = (texts: readonly string[]) => {
  const all = texts.join("").replaceAll(/\s/g, "");
  return `${all.length} of ${createHash("sha256").update(all).digest("hex")}`;
};

describe("a contact's edit replaces all of a message", () => {
  test("of many events, in order, with none left over and none missing", async () => {
    await using flow = await OpenFlow.begin();
    const first = long("first", 130_000);
    await flow.bram("long", { kind: "message", message: said(first) });
    const before = bodies(flow);
    expect(before.length).toBeGreaterThan(3);
    expect(squeezed(before.slice(1))).toBe(squeezed([first]));
    await edits(flow, "e1", "long", "short");
    expect(bodies(flow)).toEqual(["hello", "short"]);
    const longer = long("again", 150_000);
    await edits(flow, "e2", "long", longer);
    expect(squeezed(bodies(flow).slice(1))).toBe(squeezed([longer]));
    await flow.world.restart();
    await edits(flow, "e3", "long", "the end");
    expect(bodies(flow)).toEqual(["hello", "the end"]);
  });

  test("that was small, by 25,000 bytes: whole", async () => {
    await using flow = await OpenFlow.begin();
    const text = long("word", 25_000);
    await edits(flow, "e1", "1", text);
    expect(squeezed(bodies(flow))).toBe(squeezed([text]));
    expect(bodies(flow)).toHaveLength(3);
  });

  test("but of its files, where it has several: their words change alone, and may be taken away", async () => {
    await using flow = await OpenFlow.begin();
    const files = ["one.png", "two.png", "three.png"];
    for (const file of files) flow.world.network.files.set(file, Buffer.from(file));
    const media = (name: string): Media => ({
      kind: "image",
      mimetype: "image/png",
      name,
      source: { at: "network", ref: name },
    });
    const [first = "", ...others] = files;
    const parts = [
      { kind: "media", media: media(first), caption: plainText("old words") } as const,
      ...others.map((name) => ({ kind: "media", media: media(name) }) as const),
    ];
    await flow.bram("pictures", { kind: "message", message: { parts } });
    expect(bodies(flow)).toEqual(["hello", "old words", ...others]);
    await edits(flow, "e1", "pictures", "new words");
    expect(bodies(flow)).toEqual(["hello", "new words", ...others]);
    await flow.world.restart();
    await edits(flow, "e2", "pictures", "");
    expect(bodies(flow).slice(2)).toEqual(others);
    expect(readable(flow, "three.png")).toBe(true);
    await deletes(flow, "d", "pictures");
    expect(bodies(flow)).toEqual(["hello"]);
  });

  test("of a file with a caption in several events", async () => {
    await using flow = await OpenFlow.begin();
    flow.world.network.files.set("f", Buffer.from("png"));
    const source = { at: "network", ref: "f" } as const;
    const media: Media = { kind: "image", mimetype: "image/png", name: "a.png", source };
    const caption = plainText(long("caption", 90_000));
    await flow.bram("picture", { kind: "message", message: { parts: [{ kind: "media", media, caption }] } });
    expect(bodies(flow).length).toBeGreaterThan(3);
    await edits(flow, "e1", "picture", "small");
    // The homeserver's side sees to it that the file stays (test/unit/matrix/caption-edit.test.ts).
    expect(bodies(flow)).toEqual(["hello", "small"]);
    const [, edit] = flow.events.filter(
      ({ send }) => send.content["msgtype"] === "m.image" || send.content["m.new_content"],
    );
    const picture = flow.events.find(({ send }) => send.content["msgtype"] === "m.image");
    expect(edit?.send.content["m.relates_to"]).toMatchObject({ event_id: picture?.event });
  });

  test("an edit of an edit, a reaction and an answer to one mean the message", async () => {
    await using flow = await OpenFlow.begin();
    await edits(flow, "e1", "1", "second");
    await edits(flow, "e2", "e1", "third");
    await flow.bram("r", { kind: "reaction", target: id("e2"), own: false, emoji: "👍" });
    const replyTo = { id: id("e2"), own: false };
    await flow.bram("a", { kind: "message", message: { ...said("an answer"), replyTo } });
    expect(bodies(flow)).toEqual(["third", "an answer"]);
    const relations = flow.events.slice(-3).map(({ send }) => send.content["m.relates_to"]);
    expect(relations).toMatchObject([
      { rel_type: "m.replace", event_id: flow.hello },
      { rel_type: "m.annotation", event_id: flow.hello },
      { "m.in_reply_to": { event_id: flow.hello } },
    ]);
    await deletes(flow, "d", "e1");
    expect(bodies(flow)).toEqual(["an answer"]);
  });

  test("an edit of an edit that is still to come waits for it", async () => {
    await using flow = await OpenFlow.begin();
    await edits(flow, "e2", "e1", "third");
    await edits(flow, "e1", "1", "second");
    expect(bodies(flow)).toEqual(["third"]);
  });
});

describe("a contact's deletion", () => {
  test("leaves no text readable, of whatever part, edit or edit of an edit", async () => {
    await using flow = await OpenFlow.begin();
    await flow.bram("m", { kind: "message", message: said(long("secret", 130_000)) });
    await edits(flow, "e1", "m", long("secret", 60_000));
    await edits(flow, "e2", "m", "a secret");
    await flow.world.restart();
    expect(readable(flow, "secret")).toBe(true);
    await deletes(flow, "d", "m");
    expect(readable(flow, "secret")).toBe(false);
    expect(bodies(flow)).toEqual(["hello"]);
  });

  test("takes the reactions to it", async () => {
    await using flow = await OpenFlow.begin();
    await flow.bram("r", { kind: "reaction", target: id("1"), own: false, emoji: "👍" });
    await flow.does({ kind: "reaction", target: flow.hello, emoji: "🎉" });
    const own = flow.client.taken.at(-1);
    expect(own).toMatchObject({ kind: "reaction", emoji: "🎉" });
    await deletes(flow, "d", "1");
    expect(readable(flow, "👍")).toBe(false);
    expect(flow.events.slice(-3).map(({ send }) => send.type)).toEqual(Array(3).fill("m.room.redaction"));
  });

  test.each([false, true])(
    "is not undone by an edit behind it (restarted between: %p)",
    async (restarted) => {
      await using flow = await OpenFlow.begin();
      await edits(flow, "e1", "1", "changed");
      await deletes(flow, "d", "1");
      if (restarted) await flow.world.restart();
      const before = flow.events.length;
      await edits(flow, "e2", "1", "back again");
      await edits(flow, "e3", "e1", "back once more");
      await deletes(flow, "d2", "1");
      await flow.world.clock.advance(10 * MINUTE);
      expect(flow.events.length).toBe(before);
      expect(readable(flow, "changed")).toBe(false);
    },
  );

  test("that came before the message, and before its edit, holds for both", async () => {
    await using flow = await OpenFlow.begin();
    await deletes(flow, "d", "m");
    await edits(flow, "e", "m", "the newest secret");
    await flow.client.says("Bram", "m", "a secret");
    await settle();
    expect(readable(flow, "secret")).toBe(false);
    expect(flow.shown.filter((line) => line.startsWith("bot"))).toEqual([]);
  });

  test("of a message that did not come in time holds when it comes after all", async () => {
    await using flow = await OpenFlow.begin();
    await deletes(flow, "d", "m");
    await edits(flow, "e", "m", "the newest secret");
    await flow.world.clock.advance(6 * MINUTE);
    expect(flow.shown.at(-1)).toBe("bot: Bram deleted a message that is not in this room.");
    await flow.client.says("Bram", "m", "a secret");
    await edits(flow, "e2", "m", "another secret");
    await flow.world.clock.advance(10 * MINUTE);
    expect(readable(flow, "secret")).toBe(false);
  });

  test("of many that did not come holds for each", async () => {
    await using flow = await OpenFlow.begin();
    for (let n = 0; n < 9; n++) await deletes(flow, `d${n}`, `m${n}`);
    await flow.world.clock.advance(6 * MINUTE);
    expect(flow.shown.at(-1)).toContain("The same was done to 6 more messages");
    for (let n = 0; n < 9; n++) await flow.client.says("Bram", `m${n}`, "a secret");
    await settle();
    expect(readable(flow, "secret")).toBe(false);
  });

  test("is nobody else's: what another wrote under the same id stays", async () => {
    await using flow = await OpenFlow.begin();
    const mine = await flow.says("mine");
    const [own] = flow.client.received.keys();
    await deletes(flow, "d", own as string);
    await flow.does({ kind: "edit", target: mine, message: said("still mine") });
    expect(flow.client.taken.at(-1)).toMatchObject({ kind: "edit", target: own });
  });

  test("killed at any moment, it and the edits before it come once, and no text stays", async () => {
    for (let turns = 0; turns < 24; turns += 2) {
      await using flow = await OpenFlow.begin();
      const acts = Promise.all([
        edits(flow, "e1", "1", long("secret", 50_000)),
        edits(flow, "e2", "1", "a secret"),
        deletes(flow, "d", "1"),
      ]).catch(() => undefined);
      for (let turn = 0; turn < turns; turn++) await new Promise((done) => setImmediate(done));
      await flow.world.crash();
      await Promise.race([acts, settle()]);
      await flow.world.clock.advance(MINUTE);
      expect(readable(flow, "secret")).toBe(false);
      expect(bodies(flow)).toEqual([]);
      const ids = flow.events.map(({ send }) => send.id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  }, 60_000);
});
