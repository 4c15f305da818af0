import { describe, expect, test } from "@jest/globals";
import type { Capabilities } from "../../../src/core/model/capabilities.ts";
import type { Part } from "../../../src/core/model/content.ts";
import type { Outgoing } from "../../../src/core/model/events.ts";
import type { MessageId, PersonId, UserId } from "../../../src/core/model/ids.ts";
import { plainText, type RichText } from "../../../src/core/model/rich-text.ts";
import { fromBridge } from "../../../src/networks/meta-interop/convert/from-bridge.ts";
import { shapeOf } from "../../../src/networks/meta-interop/convert/stanza-shape.ts";
import { whatsapp } from "../../../src/networks/meta-interop/whatsapp.ts";
import { decodePlaintext, encodePlaintext } from "../../../src/networks/meta-interop/wire/plaintext.ts";

const wim = "31612345678@s.whatsapp.net" as PersonId;
const ana = "@ana:example.org" as UserId;
const ghost = "@_tpc_1:example.org" as UserId;
const own = "12-105012@interop";
const target = "T1" as MessageId;
const pair = { person: wim, own, user: ana };
const granted = whatsapp.capabilities;

const write = (outgoing: Outgoing, less: Partial<Capabilities> = {}) =>
  fromBridge(
    { network: "WhatsApp", granted: { ...granted, ...less }, pair, ghosts: new Map([[ghost, wim]]) },
    outgoing,
  );
const say = (body: RichText, style: "text" | "emote" = "text"): Outgoing => ({
  kind: "message",
  message: { parts: [{ kind: "text", style, body }] },
});
const one = (part: Part): Outgoing => ({ kind: "message", message: { parts: [part] } });
const place: Part = { kind: "location", latitude: 52.5, longitude: 4.9, name: "Dam" };
const card: Part = { kind: "contact", name: "Bo", vcard: "BEGIN:VCARD\r\nFN:Bo\r\nEND:VCARD" };

describe("what our person does", () => {
  const cases: readonly (readonly [Outgoing, object, object])[] = [
    [say(plainText("a *b*")), { kind: "text", text: "a *\u2060b*" }, { type: "text" }],
    [one(place), { kind: "location", latitude: 52.5, name: "Dam", live: false }, { mediatype: "location" }],
    [one(card), { kind: "contact", contacts: [{ name: "Bo" }] }, { type: "media", mediatype: "vcard" }],
    [
      { kind: "edit", target, message: { parts: [{ kind: "text", style: "text", body: plainText("new") }] } },
      { kind: "edit", target: { id: "T1", fromMe: true, chat: wim }, text: "new" },
      { type: "text", edit: "1" },
    ],
    [
      { kind: "delete", target },
      { kind: "revoke", target: { id: "T1", fromMe: true } },
      { type: "text", edit: "7" },
    ],
    [
      { kind: "reaction", target, own: false, emoji: "👍🏽" },
      { kind: "reaction", target: { id: "T1", fromMe: false }, emoji: "👍🏽" },
      { type: "reaction" },
    ],
    [
      { kind: "reaction", target, own: true, emoji: "" },
      { kind: "reaction", target: { id: "T1", fromMe: true }, emoji: "" },
      { type: "reaction" },
    ],
  ];
  test.each(cases)("crosses in both formats (%#)", (outgoing, expected, shape) => {
    const plaintext = write(outgoing);
    if (plaintext.kind !== "text") expect(plaintext).toMatchObject(expected);
    expect(shapeOf(plaintext)).toMatchObject(shape);
    for (const format of ["whatsapp", "messenger"] as const) {
      expect(decodePlaintext(format, encodePlaintext(format, plaintext))).toEqual(plaintext);
    }
  });

  test("an emote is in italics, line by line, and never looks like a list item", () => {
    expect(write(say(plainText("waves\nand bows"), "emote"))).toEqual({
      kind: "text",
      text: "_waves_\n_and bows_",
    });
  });

  test("an answer names the message and its author, with what is known of it", () => {
    const answer = (from: boolean): Outgoing => ({
      kind: "message",
      message: {
        parts: [{ kind: "text", style: "text", body: plainText("yes") }],
        replyTo: { id: target, own: from, excerpt: "really?" },
      },
    });
    const content = { kind: "text", text: "really?" };
    expect(write(answer(true))).toMatchObject({ quoted: { id: "T1", sender: own, content } });
    expect(write(answer(false))).toMatchObject({ quoted: { id: "T1", sender: wim, content } });
    expect(write(answer(false), { replies: false })).toEqual({ kind: "text", text: "yes" });
  });

  test("mentions of the two people of a chat are the network's own; others stay text", () => {
    const text = "Wim Ana Eve";
    const spans = [
      { start: 0, end: 3, style: { kind: "mentionUser", user: ghost } },
      { start: 4, end: 7, style: { kind: "mentionUser", user: ana } },
      { start: 8, end: 11, style: { kind: "mentionUser", user: "@eve:example.org" as UserId } },
    ] as const;
    expect(write(say({ text, spans }))).toEqual({
      kind: "text",
      text: "@31612345678 @105012 Eve",
      mentions: [wim, own],
    });
  });

  test.each<[Outgoing, Partial<Capabilities>, RegExp, string]>([
    [say(plainText("12345")), { text: 4 }, /5 characters.*up to 4/, "too-large"],
    [{ kind: "reaction", target, own: true, emoji: "x" }, { reactions: false }, /reactions/, "unsupported"],
    [{ kind: "delete", target }, { deletes: false }, /deletions/, "unsupported"],
    [{ kind: "edit", target, message: { parts: [] } }, { edits: false }, /edits/, "unsupported"],
    [one(place), { location: false }, /locations/, "unsupported"],
    [one(card), { contacts: false }, /contact cards/, "unsupported"],
    [{ kind: "message", message: { parts: [place, card] } }, {}, /one thing/, "unsupported"],
  ])("what is not granted at this moment is refused with words (%#)", (outgoing, less, words, reason) => {
    expect(() => write(outgoing, less)).toThrow(
      expect.objectContaining({ reason, certain: true, words: expect.stringMatching(words) }),
    );
  });
});
