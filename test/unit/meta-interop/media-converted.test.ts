import { expect, test } from "@jest/globals";
import sharp from "sharp";
import type { Outgoing } from "../../../src/core/model/events.ts";
import { node } from "../../../src/networks/meta-interop/wire/node.ts";
import { InteropPair } from "../../kit/interop-pair.ts";
import { realClock } from "../../kit/interop-world.ts";
import { hasFfmpeg } from "../media/fixtures.ts";

const uri = "mxc://example.org/1";
const image = (mimetype: string): Outgoing => ({
  kind: "message",
  message: {
    parts: [{ kind: "media", media: { kind: "image", source: { at: "homeserver", uri }, mimetype } }],
  },
});
const limit = (kind: string, mimetypes: string) => node("media", { kind, size: "1000000", mimetypes });
const taken = [limit("image", "image/jpeg image/png"), limit("gif", "video/mp4")];
const limits = node("limits", { text: "5000", caption: "1000" }, taken);
const greeting = node("success", {}, [node("features", {}, [limits])]);

const grey = (shade: number) => Buffer.alloc(32 * 24 * 3, shade);
const moving = () =>
  sharp(Buffer.concat([grey(10), grey(200)]), {
    raw: { width: 32, height: 48, channels: 3, pageHeight: 24 },
  });
const clear = () =>
  sharp({ create: { width: 32, height: 24, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0.5 } } });

async function sends(pair: InteropPair, id: string, mimetype: string, bytes: Uint8Array) {
  await pair.sendsOut(id, image(mimetype), new Map([[uri, bytes]]));
  return pair.opens(await pair.sentMessage(id));
}

(hasFfmpeg ? test : test.skip)("a GIF that moves goes as the network's kind of GIF", async () => {
  await using pair = await InteropPair.start(realClock, { greeting });
  const loop = await sends(pair, "G1", "image/gif", await moving().gif().toBuffer());
  const size = { width: 32, height: 24 };
  expect(loop).toMatchObject({ kind: "video", gif: true, ...size, media: { mimetype: "video/mp4" } });
  expect(pair.sink.notes).toEqual([]);
});

test("a sticker or picture of a type the network does not take goes as one it takes; lost motion is said", async () => {
  await using pair = await InteropPair.start(realClock, { greeting, searchPath: "" });
  const sticker = await sends(pair, "S1", "image/webp", await clear().webp().toBuffer());
  const shown = { kind: "image", width: 32, height: 24 };
  expect(sticker).toMatchObject({ ...shown, media: { mimetype: "image/png" } });
  expect(pair.sink.notes).toEqual([]);
  const lied = await sends(pair, "S2", "image/jpeg", await clear().webp().toBuffer());
  expect(lied).toMatchObject({ ...shown, media: { mimetype: "image/png" } });
  const still = await sends(pair, "S3", "image/gif", await moving().gif().toBuffer());
  expect(still).toMatchObject({ ...shown, media: { mimetype: "image/jpeg" } });
  expect(pair.sink.notes).toEqual([expect.stringContaining("first frame")]);
  const hostile = pair.sendsOut("S4", image("image/webp"), new Map([[uri, Buffer.from("<svg/>")]]));
  const words = "WhatsApp takes no files here.";
  await expect(hostile).rejects.toMatchObject({ reason: "unsupported", certain: true, words });
});
