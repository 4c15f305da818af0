import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { LinkPreview, Message } from "../../../src/core/model/content.ts";
import type { EventId } from "../../../src/core/model/ids.ts";
import { fileOf } from "../../../src/core/model/media.ts";
import { plainText } from "../../../src/core/model/rich-text.ts";
import { sealFile } from "../../../src/matrix/crypto/file-cipher.ts";
import { decodeEvent } from "../../../src/matrix/events/decode.ts";
import { matrixEncoder } from "../../../src/matrix/events/encode.ts";
import { encryptedFile } from "../../../src/matrix/events/encrypted-file.ts";

const KEY = "com.beeper.linkpreviews";
const url = "https://example.org/a";
const said = (text: string, previews?: readonly LinkPreview[]): Message => ({
  parts: [{ kind: "text", style: "text", body: plainText(text), ...(previews ? { previews } : {}) }],
});
const contentOf = (message: Message) => matrixEncoder.message(message, undefined)[0]?.content ?? {};

function decoded(content: object): unknown {
  const base = {
    event_id: "$e",
    room_id: "!r:x",
    sender: "@ana:x",
    origin_server_ts: 1,
    type: "m.room.message",
  };
  const it = decodeEvent({ ...base, content: { msgtype: "m.text", ...content } }, () => false);
  if (it.kind !== "event" || it.event.kind !== "message") throw new Error("no message");
  return it.event.message;
}

describe("what is shown of a link", () => {
  test("is beside the text, as MSC4095 has it, and never in it", () => {
    const content = contentOf(said(`look: ${url}`, [{ url, title: "A", description: "All of it" }]));
    expect(content).toMatchObject({
      body: `look: ${url}`,
      [KEY]: [{ matched_url: url, "og:url": url, "og:title": "A", "og:description": "All of it" }],
    });
    const [edit] = matrixEncoder.revised(said(url, [{ url, title: "B" }]));
    const replaced = edit && matrixEncoder.replacement(edit, "$t" as EventId);
    expect(replaced?.content["m.new_content"]).toMatchObject({
      [KEY]: [{ matched_url: url, "og:title": "B" }],
    });
  });

  test("has the picture of the first link, once it is at the homeserver, and goes without one that is none", () => {
    const image = { kind: "image", mimetype: "image/png", source: { at: "network", ref: "r" } } as const;
    const [event] = matrixEncoder.message(said(url, [{ url, title: "A", image }]), undefined);
    expect(event?.picture).toEqual(image);
    expect(event?.media).toBeUndefined();
    const attached = (mimetype: string) =>
      matrixEncoder.attach(
        event?.content ?? {},
        image,
        { uri: "mxc://x/y", size: 7 },
        { mimetype, width: 3, height: 4 },
      );
    const pictured = attached("image/png");
    expect(pictured).toMatchObject({ msgtype: "m.text", body: url });
    expect(pictured[KEY]).toEqual([
      {
        matched_url: url,
        "og:url": url,
        "og:title": "A",
        "og:image": "mxc://x/y",
        "og:image:type": "image/png",
        "og:image:width": 3,
        "og:image:height": 4,
        "matrix:image:size": 7,
      },
    ]);
    expect(attached("application/octet-stream")).toEqual(event?.content);
    expect(decoded(pictured)).toMatchObject({
      parts: [{ previews: [{ url, title: "A", image: { source: { at: "homeserver", uri: "mxc://x/y" } } }] }],
    });
  });

  test("has an encrypted picture as Beeper has it, which is read from either address", async () => {
    const { key } = await sealFile(fileOf(Buffer.from("png")));
    const image = { kind: "image", mimetype: "image/png", source: { at: "network", ref: "r" } } as const;
    const [event] = matrixEncoder.message(said(url, [{ url, image }]), undefined);
    const at = { uri: "mxc://x/y", key, size: 7 };
    const content = matrixEncoder.attach(event?.content ?? {}, image, at, { mimetype: "image/png" });
    const file = encryptedFile("mxc://x/y", key);
    const described = {
      matched_url: url,
      "og:url": url,
      "og:image:type": "image/png",
      "matrix:image:size": 7,
    };
    expect(content[KEY]).toEqual([{ ...described, "beeper:image:encryption": file }]);
    const { url: _, ...without } = file as { readonly url: string };
    const elsewhere = { ...described, "og:image": "mxc://x/y", "beeper:image:encryption": without };
    for (const preview of [...(content[KEY] as readonly object[]), elsewhere])
      expect(decoded({ body: url, [KEY]: [preview] })).toMatchObject({
        parts: [{ previews: [{ url, image: { source: { at: "homeserver", uri: "mxc://x/y", key } } }] }],
      });
  });

  test.each([
    ["is encrypted in an unknown way", { "og:image": "mxc://x/y", "beeper:image:encryption": {} }],
    ["is elsewhere", { "og:image": "https://x/y" }],
    ["is no picture", { "og:image": "mxc://x/y", "og:image:type": "text/html" }],
  ])("of a person's has no picture that %s", (_, fields) => {
    const message = decoded({ body: url, [KEY]: [{ matched_url: url, ...fields }] });
    expect(message).toMatchObject({ parts: [{ previews: [{ url }] }] });
    expect(JSON.stringify(message)).not.toContain('"image"');
  });

  test("is nothing where its sender showed nothing, and not mentioned where that is not known", () => {
    expect(contentOf(said(url, []))[KEY]).toEqual([]);
    expect(contentOf(said(url))).not.toHaveProperty(KEY);
  });

  test.each([
    ["the text does not link to it", "look", { url, title: "Your bank" }],
    ["it is no address of the web", "javascript:alert(1)", { url: "javascript:alert(1)", title: "x" }],
    ["it has spaces", "https://a b", { url: "https://a b" }],
  ])("is left out where %s", (_, text, preview) => {
    expect(contentOf(said(text, [preview]))[KEY]).toEqual([]);
  });

  test("is cut where it is long, and left out where there is no room", () => {
    const long = "x".repeat(100_000);
    const many = Array.from({ length: 50 }, () => ({ url, title: long, description: long }));
    const content = contentOf(said(url, many));
    expect(content[KEY]).toHaveLength(5);
    expect(JSON.stringify(content).length).toBeLessThan(20_000);
    const full = `${url} ${"é".repeat(13_500)}`;
    expect(contentOf(said(full, many))).not.toHaveProperty(KEY);
  });

  test("is read from what clients send, and only that of links in the text", () => {
    const listed = [
      { matched_url: url, "og:title": "A", "og:image": "mxc://x/y" },
      { "og:url": url, "og:description": "B", "og:title": 5 },
      { matched_url: "https://elsewhere.org" },
      "nonsense",
    ];
    expect(decoded({ body: `see ${url}`, [KEY]: listed })).toEqual(
      said(`see ${url}`, [
        {
          url,
          title: "A",
          image: { kind: "image", mimetype: "image/jpeg", source: { at: "homeserver", uri: "mxc://x/y" } },
        },
        { url, description: "B" },
      ]),
    );
    expect(decoded({ body: url, [KEY]: [] })).toEqual(said(url, []));
    for (const odd of [5, "a", {}, null]) expect(decoded({ body: url, [KEY]: odd })).toEqual(said(url));
  });

  test("comes back as it went", () => {
    const words = fc.string({ minLength: 1, maxLength: 80 });
    const preview = fc.record(
      { url: fc.constant(url), title: words, description: words },
      { requiredKeys: ["url"] },
    );
    fc.assert(
      fc.property(fc.array(preview, { maxLength: 5 }), (previews) => {
        const message = said(`see ${url}`, previews);
        expect(decoded(contentOf(message))).toEqual(message);
      }),
      { numRuns: 100 },
    );
  });
});
