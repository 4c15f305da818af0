import { describe, expect, test } from "@jest/globals";
import {
  decodePlaintext,
  encodePlaintext,
  encodeText,
} from "../../../src/networks/meta-interop/wire/plaintext.ts";
import type { MediaFile, Plaintext } from "../../../src/networks/meta-interop/wire/plaintext-kinds.ts";
import { fieldsOf, messageOf, textAt, valueAt } from "./protobuf-fields.ts";

const whatsapp = (plaintext: Plaintext): Uint8Array => encodePlaintext("whatsapp", plaintext);
const messenger = (plaintext: Plaintext): Uint8Array => encodePlaintext("messenger", plaintext);
const numbers = (value: bigint | Uint8Array | undefined): number[] =>
  value instanceof Uint8Array ? fieldsOf(value).map(([number]) => number) : [];
const thirtyTwo = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const media: MediaFile = {
  url: "https://bridge.example/m/1",
  mimetype: "m/t",
  fileLength: 9,
  fileSha256: thirtyTwo(1),
  mediaKey: thirtyTwo(2),
  fileEncSha256: thirtyTwo(3),
  mediaKeyTimestamp: 5,
};
const target = { id: "AB", fromMe: true, chat: "12-5@interop", participant: "3161@s.whatsapp.net" };

describe("WhatsApp's Message has the published field numbers", () => {
  test("text, with and without context", () => {
    expect([...encodeText("whatsapp", { text: "hi" })]).toEqual([0x0a, 2, 0x68, 0x69]);
    const answer = encodeText("whatsapp", {
      text: "yes",
      mentions: ["12-5@interop"],
      quoted: { id: "AB", sender: "3161@s.whatsapp.net", content: { kind: "text", text: "well?" } },
    });
    expect(textAt(answer, 6, 1)).toBe("yes");
    expect(textAt(answer, 6, 17, 1)).toBe("AB");
    expect(textAt(answer, 6, 17, 2)).toBe("3161@s.whatsapp.net");
    expect(textAt(answer, 6, 17, 3, 1)).toBe("well?");
    expect(textAt(answer, 6, 17, 15)).toBe("12-5@interop");
  });

  test.each<[string, Plaintext, number, readonly number[]]>([
    [
      "image",
      { kind: "image", media, caption: "c", width: 1, height: 2, thumbnail: thirtyTwo(4) },
      3,
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16],
    ],
    [
      "document",
      { kind: "document", media, fileName: "n", caption: "c" },
      7,
      [1, 2, 3, 4, 5, 7, 8, 9, 11, 20],
    ],
    [
      "audio",
      { kind: "audio", media, voice: true, seconds: 3, waveform: thirtyTwo(5) },
      8,
      [1, 2, 3, 4, 5, 6, 7, 8, 10, 19],
    ],
    [
      "video",
      { kind: "video", media, gif: true, seconds: 3, caption: "c", width: 1, height: 2 },
      9,
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14],
    ],
  ])("%s", (_, plaintext, number, fields) => {
    const message = valueAt(whatsapp(plaintext), number);
    expect(numbers(message).sort((a, b) => a - b)).toEqual(fields);
    expect(message instanceof Uint8Array && textAt(message, 1)).toBe(media.url);
  });

  test("what the gatekeeper hosts is under its path", () => {
    const { url: _, ...rest } = media;
    const theirs = { ...rest, directPath: "/v/1" };
    const image = whatsapp({ kind: "image", media: theirs });
    const audio = whatsapp({ kind: "audio", media: theirs, voice: false });
    const video = whatsapp({ kind: "video", media: theirs, gif: false });
    const document = whatsapp({ kind: "document", media: theirs });
    expect([
      textAt(image, 3, 11),
      textAt(audio, 8, 9),
      textAt(video, 9, 13),
      textAt(document, 7, 10),
    ]).toEqual(Array.from({ length: 4 }, () => "/v/1"));
  });

  test("reaction, edit, revoke", () => {
    const reaction = whatsapp({ kind: "reaction", target, emoji: "👍", at: 5 });
    expect(textAt(reaction, 46, 2)).toBe("👍");
    expect(valueAt(reaction, 46, 4)).toBe(5n);
    expect(textAt(reaction, 46, 1, 1)).toBe("12-5@interop");
    expect(valueAt(reaction, 46, 1, 2)).toBe(1n);
    expect(textAt(reaction, 46, 1, 3)).toBe("AB");
    expect(textAt(reaction, 46, 1, 4)).toBe("3161@s.whatsapp.net");
    const edit = whatsapp({ kind: "edit", target, text: "new" });
    expect(valueAt(edit, 12, 2)).toBe(14n);
    expect(textAt(edit, 12, 14, 1)).toBe("new");
    expect(textAt(edit, 12, 1, 3)).toBe("AB");
    const revoke = whatsapp({ kind: "revoke", target });
    expect(valueAt(revoke, 12, 2)).toBe(0n);
    expect(textAt(revoke, 12, 1, 3)).toBe("AB");
  });

  test("taking a reaction back is an empty text that is there", () => {
    expect(textAt(whatsapp({ kind: "reaction", target, emoji: "" }), 46, 2)).toBe("");
  });
});

describe("what other clients write is read", () => {
  const read = (message: Uint8Array) => decodePlaintext("whatsapp", message);
  const key = messageOf([3, "AB"], [2, 1]);

  test("a message inside another: edits, captions of documents, things that pass", () => {
    const edit = messageOf([12, messageOf([1, key], [2, 14], [14, messageOf([6, messageOf([1, "new"])])])]);
    const edited = { kind: "edit", target: { id: "AB", fromMe: true }, text: "new" };
    expect(read(edit)).toEqual(edited);
    expect(read(messageOf([58, messageOf([1, edit])]))).toEqual(edited);
    const captions = messageOf([
      12,
      messageOf([1, key], [2, 14], [14, messageOf([3, messageOf([3, "caption"])])]),
    ]);
    expect(read(captions)).toMatchObject({ kind: "edit", text: "caption" });
    const passing = { kind: "disappearing", seconds: 0, content: { kind: "text", text: "soon gone" } };
    expect(read(messageOf([40, messageOf([1, messageOf([1, "soon gone"])])]))).toEqual(passing);
    const timed = messageOf([6, messageOf([1, "t"], [17, messageOf([25, 60])])]);
    expect(read(timed)).toEqual({ kind: "disappearing", seconds: 60, content: { kind: "text", text: "t" } });
  });

  test("a text beside a group's sender key is a text", () => {
    expect(read(messageOf([2, messageOf([1, "g@g.us"], [2, "key"])], [1, "hi"]))).toEqual({
      kind: "text",
      text: "hi",
    });
  });

  test("kinds of the future, and nothing at all", () => {
    expect(read(messageOf([999, "?"]))).toEqual({ kind: "unknown" });
    expect(read(messageOf([12, messageOf([1, key], [2, 77])]))).toEqual({ kind: "unknown" });
    expect(read(messageOf([12, messageOf([1, key])]))).toEqual({ kind: "unknown" });
    expect(read(new Uint8Array(0))).toEqual({ kind: "unknown" });
  });

  test("Messenger's longer text", () => {
    const consumer = messageOf([1, messageOf([1, messageOf([5, messageOf([1, messageOf([1, "long"])])])])]);
    const application = messageOf([1, messageOf([4, messageOf([2, messageOf([1, consumer], [2, 1])])])]);
    const transport = messageOf([1, messageOf([1, messageOf([1, application], [2, 2])])]);
    expect(decodePlaintext("messenger", transport)).toEqual({ kind: "text", text: "long" });
  });
});

describe("Messenger's layers have the published field numbers", () => {
  const consumerPath = [1, 1, 1, 1, 4, 2, 1, 1] as const;

  test("text through all three", () => {
    const message = messenger({ kind: "text", text: "hi", quoted: { id: "AB", sender: "1@msgr" } });
    expect(valueAt(message, 1, 1, 2)).toBe(2n);
    expect(textAt(message, ...consumerPath, 1, 1, 1)).toBe("hi");
    expect(textAt(message, 1, 1, 1, 2, 10, 1)).toBe("AB");
    expect(textAt(message, 1, 1, 1, 2, 10, 3)).toBe("1@msgr");
  });

  test("an image's address, key and hashes", () => {
    const integral = [...consumerPath, 1, 2, 1, 1, 1, 1, 1] as const;
    const message = messenger({ kind: "image", media, caption: "c" });
    expect(textAt(message, ...integral, 4)).toBe(media.url);
    expect(valueAt(message, ...integral, 2)).toEqual(media.mediaKey);
    expect(textAt(message, ...consumerPath, 1, 2, 2, 1)).toBe("c");
  });

  test("reaction, edit, revoke", () => {
    expect(textAt(messenger({ kind: "reaction", target, emoji: "👍" }), ...consumerPath, 1, 16, 2)).toBe(
      "👍",
    );
    expect(textAt(messenger({ kind: "edit", target, text: "new" }), ...consumerPath, 1, 19, 2, 1)).toBe(
      "new",
    );
    expect(textAt(messenger({ kind: "revoke", target }), ...consumerPath, 2, 1, 1, 3)).toBe("AB");
  });
});
