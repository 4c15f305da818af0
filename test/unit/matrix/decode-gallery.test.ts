import { describe, expect, test } from "@jest/globals";
import { decodeMessage } from "../../../src/matrix/events/decode-message.ts";

const item = (name: string, more: object = {}) => ({
  itemtype: "m.image",
  body: name,
  url: `mxc://example.org/${name}`,
  info: { mimetype: "image/jpeg" },
  ...more,
});
const gallery = (itemtypes: unknown, more: object = {}) =>
  decodeMessage({ msgtype: "dm.filament.gallery", body: "", itemtypes, ...more });

/** File names with captions, and the note. */
function taken(decoded: ReturnType<typeof decodeMessage>) {
  if (decoded.kind !== "message") return decoded;
  const files = decoded.message.parts.map((part) =>
    part.kind === "media" ? [part.media.kind, part.media.name, part.caption?.text ?? ""] : [part.kind],
  );
  return { files, note: decoded.note };
}

describe("a gallery", () => {
  test("is its files in order, the first with the caption", () => {
    const items = [item("a"), item("b", { itemtype: "m.video" }), item("c", { itemtype: "m.file" })];
    const files = [
      ["image", "a", "Our holiday"],
      ["video", "b", ""],
      ["file", "c", ""],
    ];
    const caption = { body: "Our holiday" };
    expect(taken(gallery(items, caption))).toEqual({ files, note: undefined });
    expect(taken(decodeMessage({ msgtype: "m.gallery", items, ...caption }))).toEqual({
      files,
      note: undefined,
    });
  });

  test("keeps the captions of single files, the gallery's own above the first", () => {
    const html = { format: "org.matrix.custom.html", formatted_body: "<b>All</b>", body: "All" };
    const own = {
      filename: "a.jpg",
      body: "mine",
      format: html.format,
      formatted_body: "<i>mine</i>",
    };
    const decoded = gallery([item("a", own), item("b", { filename: "b.jpg", body: "second" })], html);
    expect(taken(decoded)).toMatchObject({
      files: [
        ["image", "a.jpg", "All\nmine"],
        ["image", "b.jpg", "second"],
      ],
    });
    const [first] = decoded.kind === "message" ? decoded.message.parts : [];
    expect(first?.kind === "media" && first.caption?.spans).toEqual([
      { start: 0, end: 3, style: { kind: "bold" } },
      { start: 4, end: 8, style: { kind: "italic" } },
    ]);
  });

  test("may answer, and stand in a thread", () => {
    const relation = { "m.relates_to": { "m.in_reply_to": { event_id: "$first" } } };
    expect(gallery([item("a")], relation)).toMatchObject({ kind: "message", replyTo: "$first" });
  });

  test("leaves out what is no file, and says which", () => {
    const nested = { itemtype: "dm.filament.gallery", body: "inner", itemtypes: [item("x")] };
    const items = [
      item("a"),
      nested,
      item("c", { url: undefined }),
      null,
      "text",
      item("f", { itemtype: 7 }),
    ];
    expect(taken(gallery(items))).toEqual({
      files: [
        ["image", "a", ""],
        ["file", "f", ""],
      ],
      note: "Items 2, 3, 4, 5 of the 6 in the gallery are no files that can be sent, and were left out.",
    });
    const locked = item("b", { url: undefined, file: { url: "mxc://example.org/b" } });
    expect(taken(gallery([item("a"), locked]))).toMatchObject({
      note: "Item 2 of the 2 in the gallery is no file that can be sent, and was left out.",
    });
  });

  test("of a thousand files is sent as far as goes, and that is said", () => {
    const decoded = gallery(Array.from({ length: 1000 }, (_, index) => item(`${index}`)));
    expect(decoded.kind === "message" && decoded.message.parts).toHaveLength(100);
    expect(taken(decoded)).toMatchObject({
      note: "The gallery has 1000 items; the first 100 were sent. Send the others in another one.",
    });
  });

  test.each([[[]], [undefined], [null], ["a"], [{ 0: item("a") }], [[{}]]])(
    "of no file (%j) is told",
    (items) => {
      expect(gallery(items)).toEqual({ kind: "unsupported", what: "an empty gallery" });
      expect(taken(gallery(items, { body: "words" }))).toEqual({
        files: [["text"]],
        note: "There was no file in the gallery that can be sent, so only its text was sent.",
      });
    },
  );

  test("is edited at its caption", () => {
    const fresh = { msgtype: "dm.filament.gallery", body: "new words", itemtypes: [item("a"), item("b")] };
    const edit = decodeMessage({
      ...fresh,
      "m.new_content": fresh,
      "m.relates_to": { rel_type: "m.replace", event_id: "$it" },
    });
    expect(edit).toMatchObject({ kind: "edit", target: "$it" });
    expect(edit.kind === "edit" && edit.message.parts).toMatchObject([
      { caption: { text: "new words" }, media: { name: "a" } },
      { media: { name: "b" } },
    ]);
  });
});
