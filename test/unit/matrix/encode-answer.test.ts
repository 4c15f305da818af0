import { describe, expect, test } from "@jest/globals";
import { matrixEncoder, matrixEncoderWith } from "../../../src/matrix/events/encode.ts";

const html = (words: string): unknown => matrixEncoder.answer(words).content["formatted_body"];

describe("what the bot answers", () => {
  test("is text, not a notice, and its plain body is the words as they are", () => {
    const words = "These are your networks:\n• WhatsApp: on.\nWrite “status” to see more.";
    expect(matrixEncoder.answer(words)).toEqual({
      type: "m.room.message",
      content: {
        msgtype: "m.text",
        body: words,
        format: "org.matrix.custom.html",
        formatted_body:
          "These are your networks:<ul><li>WhatsApp: on.</li></ul>Write <code>status</code> to see more.",
        "m.mentions": {},
      },
    });
  });

  test("without lists and commands has no HTML", () => {
    expect(matrixEncoder.answer("Done. Wim is muted.").content).toEqual({
      msgtype: "m.text",
      body: "Done. Wim is muted.",
      "m.mentions": {},
    });
  });

  test("sets commands as what can be typed, also those with gaps, and leaves names in their marks", () => {
    expect(html("Write “verify <network> <whom>” about “Wim”.")).toBe(
      "Write <code>verify &lt;network&gt; &lt;whom&gt;</code> about “Wim”.",
    );
  });

  test("keeps what others wrote as words: no markup of theirs is markup here", () => {
    expect(html("• <b>Wim</b> & “@room”\nWrite “help”.")).toContain("&lt;b&gt;Wim&lt;/b&gt; &amp; “@room”");
    expect(matrixEncoder.answer("“@room”").content["m.mentions"]).toEqual({});
  });

  test("is cut where it is too long for an event", () => {
    const { content } = matrixEncoder.answer(`• “help”: ${"a".repeat(100_000)}`);
    expect(Buffer.byteLength(JSON.stringify(content))).toBeLessThan(60_000);
  });
});

describe("the words of pictures and places", () => {
  const caption = { text: "Look", spans: [] };
  const picture = {
    kind: "media",
    media: { kind: "image", source: { at: "network", ref: "x" }, mimetype: "image/png" },
    caption,
  } as const;
  const place = { kind: "location", latitude: 52.37, longitude: 4.89, name: "Dam" } as const;

  test("are inside by default, and messages of their own where they are to be separate", () => {
    const bodies = (captions: "inside" | "separate") =>
      matrixEncoderWith(captions)
        .message({ parts: [picture, place] }, undefined)
        .map(({ content }) => [content["msgtype"], content["body"]]);
    const dam = "📍 Dam\nhttps://www.openstreetmap.org/?mlat=52.37&mlon=4.89#map=16/52.37/4.89";
    expect(bodies("inside")).toEqual([
      ["m.image", "Look"],
      ["m.location", dam],
    ]);
    expect(bodies("separate")).toEqual([
      ["m.image", "Image.png"],
      ["m.text", "Look"],
      ["m.location", dam],
      ["m.text", dam],
    ]);
  });
});
