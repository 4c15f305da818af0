import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { fileOf } from "../../../src/core/model/media.ts";
import { Cdn } from "../../../src/networks/signal/media/cdn.ts";
import { fetchMedia } from "../../../src/networks/signal/media/fetch-media.ts";
import { attachmentRef } from "../../../src/networks/signal/media/media-ref.ts";
import { upload } from "../../../src/networks/signal/media/upload.ts";
import { SignalMock } from "../../../tools/signal-mock/signal-mock.ts";
import { realClock } from "../../kit/interop-world.ts";
import { MediaWorkshop } from "../../kit/media-workshop.ts";
import { serversOf, uploadForms } from "../../kit/signal/upload-forms.ts";

const stack = new AsyncDisposableStack();
let workshop: MediaWorkshop;
let mock: SignalMock;
let cdn: Cdn;
let forms: Awaited<ReturnType<typeof uploadForms>>;
beforeAll(async () => {
  workshop = stack.use(await MediaWorkshop.open());
  mock = stack.use(await SignalMock.start());
  forms = stack.use(await uploadForms(mock));
  cdn = stack.use(new Cdn({ servers: serversOf(mock), userAgent: "a bridge" }));
});
afterAll(() => stack.disposeAsync());

const parts = () => ({ cdn, clock: realClock, tools: workshop.tools });
const fetched = async (ref: string | undefined) => {
  await using file = await fetchMedia(parts(), ref ?? "");
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
};

test("a file of any size comes back from Signal's mock host as it was brought there", async () => {
  for (const size of [0, 1, 541, 70_000, 3_000_000]) {
    const plain = randomBytes(size);
    const uploaded = await upload({ ...parts(), uploadForm: forms.uploadForm }, fileOf(plain));
    expect(uploaded.cdn).toBe(3);
    expect((await fetched(attachmentRef(uploaded))).equals(plain)).toBe(true);
  }
  expect(workshop.underway()).toEqual([]);
});

test("a file that the mock's own phones encrypted is read", async () => {
  const { encryptAttachment } = await import("@signalapp/mock-server/src/crypto.js");
  const plain = randomBytes(100_000);
  const { blob, key, digest, size } = encryptAttachment(plain);
  const cdnKey = await mock.server["storeAttachment"](blob);
  expect((await fetched(attachmentRef({ cdn: 0, cdnKey, key, digest, size }))).equals(plain)).toBe(true);
});

test("a file that the host does not have is said to be gone", async () => {
  const pointer = { cdn: 0, cdnKey: "gone", key: randomBytes(64), digest: randomBytes(32), size: 1 };
  await expect(fetched(attachmentRef(pointer))).rejects.toMatchObject({ reason: "gone" });
});
