import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { MessageId, PersonId, UserId } from "../../../src/core/model/ids.ts";
import { refusalIn } from "../../../src/networks/meta-interop/connection/refusals.ts";
import { defaultCapabilities } from "../../../src/networks/meta-interop/convert/default-capabilities.ts";
import { readFeatures } from "../../../src/networks/meta-interop/convert/features.ts";
import { toBridge } from "../../../src/networks/meta-interop/convert/to-bridge.ts";
import { MessageSchema } from "../../../src/networks/meta-interop/wire/gen/wa-message_pb.js";
import { type Node, node } from "../../../src/networks/meta-interop/wire/node.ts";
import { pad } from "../../../src/networks/meta-interop/wire/padding.ts";
import { InteropPair, peerJid } from "../../kit/interop-pair.ts";

const DAY = 86_400_000;

describe("a stanza", () => {
  let pair: InteropPair;
  beforeEach(async () => {
    pair = await InteropPair.start();
    await pair.peerStarts();
  });
  afterEach(() => pair[Symbol.asyncDispose]());

  /** A message whose stanza has other attributes; undefined takes one away. */
  const changed = async (id: string, attrs: Readonly<Record<string, string | undefined>>): Promise<Node> => {
    const message = await pair.message(id, `text of ${id}`);
    return node("message", { ...message.attrs, ...attrs }, message.content);
  };

  test.each([
    { t: "1e300" },
    { t: "1700000000.00012345" },
    { t: "-5" },
    { t: "NaN" },
    { t: "9".repeat(400) },
    { t: "" },
    { t: undefined },
    { sts: "1e300", t: "1e300" },
    { sts: "17000000000000019.5", t: "1700000000" },
    { sts: "x".repeat(100_000), t: "1700000000" },
  ])("whose times are %j brings its message, with a time that can be stored", async (times) => {
    pair.gatekeeper.send(await changed("m1", { sts: undefined, ...times }));
    await pair.acked("m1");
    expect(pair.sink.texts()).toEqual(["text of m1"]);
    const [event] = pair.sink.events;
    expect(Number.isSafeInteger(event?.at)).toBe(true);
    expect(event?.at).toBeGreaterThan(0);
    expect(event?.at).toBeLessThan(Date.now() + 366 * 10 * DAY);
    if (event?.kind === "message") expect(event.receipt?.length ?? 0).toBeLessThanOrEqual(256);
  });

  test.each([["a".repeat(100_000)], ["\n"], [""], [undefined]])(
    "whose id cannot be kept (%#) is told of once, acknowledged, and the next message is read",
    async (id) => {
      const hostile = await changed("m1", { id });
      pair.gatekeeper.send(hostile);
      pair.gatekeeper.send(hostile);
      await pair.says("m2", "next");
      await pair.acked("m2");
      expect(pair.sink.events).toMatchObject([
        { kind: "unsupported", id: expect.stringMatching(/^unusable-[0-9a-f]{64}$/) },
        { kind: "message", id: "m2" },
      ]);
      const acks = pair.gatekeeper.stanzas.filter(
        ({ tag, attrs }) => tag === "ack" && attrs["class"] === "message" && attrs["id"] === (id ?? "none"),
      );
      expect(acks).toHaveLength(id === undefined ? 0 : 2);
    },
  );

  test("that is a receipt names only messages there can be", async () => {
    const ids = ["X1", "", "y".repeat(9_000), "X2"];
    pair.gatekeeper.send(
      node("receipt", { id: "z".repeat(300), from: peerJid, type: "read" }, [
        node(
          "list",
          {},
          ids.map((id) => node("item", { id })),
        ),
      ]),
    );
    await pair.sink.until("the receipt", () => pair.sink.receipts.length > 0);
    expect(pair.sink.receipts).toMatchObject([{ ids: ["X1", "X2"] }]);
  });

  test("that is a call or a notification has a time and an id that can be stored", async () => {
    const long = "c".repeat(5_000);
    pair.gatekeeper.send(node("call", { id: long, from: peerJid, t: "1e300" }, [node("offer")]));
    await pair.acked(long, "call");
    pair.gatekeeper.send(
      node("notification", { id: long, type: "w:interop", from: "s.whatsapp.net", t: "1e300" }, [
        node("opt_out", { jid: peerJid }),
      ]),
    );
    await pair.acked(long, "notification");
    expect(pair.sink.events.map(({ kind }) => kind)).toEqual(["call", "reachability"]);
    for (const { id, at } of pair.sink.events) {
      expect(id.length).toBeLessThan(100);
      expect(Number.isSafeInteger(at)).toBe(true);
    }
  });
});

describe("an answer of the network", () => {
  test.each<[string | undefined, number | undefined]>([
    ["7", 7_000],
    ["1e300", undefined],
    ["9".repeat(60), 3_600_000],
    ["-1", undefined],
    ["0.5", undefined],
    [undefined, undefined],
  ])("that asks to wait %j seconds is waited for %j ms, or as usual", (asked, wait) => {
    const error = refusalIn(node("ack", { error: "429", retry_after: asked }), "WhatsApp");
    const usual = refusalIn(node("ack", { error: "429" }), "WhatsApp");
    expect(error?.retryAfter).toBe(wait ?? usual?.retryAfter);
  });

  test("that grants limits of no sense leaves the usual ones", () => {
    const usual = defaultCapabilities({ text: 1000, caption: 500 });
    const limits = (attrs: Record<string, string>) =>
      readFeatures(node("features", { edits: "true" }, [node("limits", attrs)]), usual);
    for (const odd of ["1e300", "-1", "1.5", "NaN", ""]) {
      expect(limits({ text: odd, caption: odd, edit_window: odd })).toMatchObject({
        text: usual.text,
        caption: usual.caption,
      });
      expect(limits({ edit_window: odd })).not.toHaveProperty("editWindow");
    }
    expect(limits({ text: "0" }).text).toBe(usual.text);
    expect(Number.isSafeInteger(limits({ edit_window: "9".repeat(100) }).editWindow)).toBe(true);
  });
});

describe("what a message says inside", () => {
  const wim = "31612345678@s.whatsapp.net" as PersonId;
  const envelope = { sender: wim, id: "M1" as MessageId, at: 5, senderName: "Wim" };
  const reader = {
    profile: {
      plaintext: "whatsapp" as const,
      capabilities: defaultCapabilities({ text: 65_536, caption: 1_024 }),
    },
    own: "12-105012@interop",
    user: "@ana:example.org" as UserId,
  };
  const read = (fields: Parameters<typeof create<typeof MessageSchema>>[1]) =>
    toBridge(reader, pad(toBinary(MessageSchema, create(MessageSchema, fields))), envelope);
  const text = (words: string) => ({
    kind: "message",
    message: { parts: [{ kind: "text", body: { text: words } }] },
  });

  test.each([Number.NaN, 1e300, -91, Infinity])(
    "a place at %d is shown as what was said of it",
    (degreesLatitude) => {
      const place = { degreesLatitude, degreesLongitude: 4, name: "Dam", address: "Amsterdam" };
      expect(read({ locationMessage: place })).toMatchObject(text("Dam, Amsterdam"));
      expect(read({ locationMessage: { degreesLatitude, degreesLongitude: 4 } })).toMatchObject({
        kind: "unsupported",
      });
    },
  );

  test("a quote that cannot be read, or names nothing, leaves the message that quotes", () => {
    for (const contextInfo of [
      { stanzaId: "Q".repeat(5_000) },
      { stanzaId: "Q1", quotedMessage: { imageMessage: { url: "https://x", mimetype: "image/png" } } },
      { mentionedJid: Array.from({ length: 5_000 }, () => "31600000000@s.whatsapp.net") },
    ]) {
      expect(read({ extendedTextMessage: { text: "yes", contextInfo } })).toMatchObject(text("yes"));
    }
  });

  test("a file that is said to be larger than any keeps its caption", () => {
    const bytes = new Uint8Array(32);
    const image = {
      directPath: "/v/1",
      mimetype: "image/png",
      fileSha256: bytes,
      mediaKey: bytes,
      fileEncSha256: bytes,
      caption: "look",
    };
    expect(read({ imageMessage: { ...image, fileLength: 2n ** 64n - 1n } })).toMatchObject({
      kind: "message",
      message: { parts: [{ kind: "media", caption: { text: "look" } }] },
    });
  });

  test.each([["r".repeat(300)], [""], ["a\0b"]])(
    "a reaction to a message of an id like %j is told as one that cannot be shown",
    (id) => {
      expect(read({ reactionMessage: { key: { id }, text: "👍" } })).toMatchObject({ kind: "unsupported" });
    },
  );
});
