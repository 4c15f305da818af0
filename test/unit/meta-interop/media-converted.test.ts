import { expect, test } from "@jest/globals";
import sharp from "sharp";
import type { Outgoing } from "../../../src/core/events.ts";
import { node } from "../../../src/networks/meta-interop/wire/node.ts";
import { InteropPair } from "../../kit/interop-pair.ts";
import { realClock } from "../../kit/interop-world.ts";

const uri = "mxc://example.org/1";
const image = (mimetype: string): Outgoing => ({
  kind: "message",
  message: {
    parts: [{ kind: "media", media: { kind: "image", source: { at: "homeserver", uri }, mimetype } }],
  },
});
const limit = node("media", { kind: "image", size: "1000000", mimetypes: "image/jpeg image/png" });
const limits = node("limits", { text: "5000", caption: "1000" }, [limit]);
const greeting = node("success", {}, [node("features", {}, [limits])]);

const grey = (shade: number) => Buffer.alloc(32 * 24 * 3, shade);
const moving = () =>
  sharp(Buffer.concat([grey(10), grey(200)]), {
    raw: { width: 32, height: 48, channels: 3, pageHeight: 24 },
  });
const clear = () =>
  sharp({ create: { width: 32, height: 24, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0.5 } } });

test("a sticker or picture of a type the network does not take goes as one it takes; lost motion is said", async () => {
  await using pair = await InteropPair.start(realClock, { greeting });
  const sends = async (id: string, mimetype: string, bytes: Uint8Array) => {
    await pair.sendsOut(id, image(mimetype), new Map([[uri, bytes]]));
    return pair.opens(await pair.sentMessage(id));
  };
  const sticker = await sends("S1", "image/webp", await clear().webp().toBuffer());
  const shown = { kind: "image", width: 32, height: 24 };
  expect(sticker).toMatchObject({ ...shown, media: { mimetype: "image/png" } });
  expect(pair.sink.remarks).toEqual([]);
  const lied = await sends("S2", "image/jpeg", await clear().webp().toBuffer());
  expect(lied).toMatchObject({ ...shown, media: { mimetype: "image/png" } });
  const still = await sends("S3", "image/gif", await moving().gif().toBuffer());
  expect(still).toMatchObject({ ...shown, media: { mimetype: "image/jpeg" } });
  expect(pair.sink.remarks).toEqual([expect.stringContaining("first frame")]);
  const hostile = pair.sendsOut("S4", image("image/webp"), new Map([[uri, Buffer.from("<svg/>")]]));
  await expect(hostile).rejects.toMatchObject({ reason: "unsupported", certain: true });
});
