import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { stopping } from "../../../src/core/model/errors.ts";
import type { MediaFile } from "../../../src/core/model/media.ts";
import { writeMediaRef } from "../../../src/networks/meta-interop/convert/media-ref.ts";
import { fetchMedia } from "../../../src/networks/meta-interop/media/fetch-media.ts";
import { whatsapp } from "../../../src/networks/meta-interop/whatsapp.ts";
import { type Act, DrippingServer, drippingBody, drippingHead, stalling } from "../../kit/dripping-server.ts";
import { MediaWorkshop } from "../../kit/media-workshop.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

let workshop: MediaWorkshop;
beforeAll(async () => {
  workshop = await MediaWorkshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

const key = new Uint8Array(32);
const described = { mediaKey: key, fileSha256: key, fileEncSha256: key, fileLength: 1_000 };
const ref = writeMediaRef({ directPath: "/f", mimetype: "a/b", ...described }, "document");

const fetching = (server: DrippingServer, clock: VirtualClock, stop?: AbortSignal): Promise<MediaFile> =>
  fetchMedia(
    {
      network: "WhatsApp",
      mediaUrl: `${server.url}/m`,
      granted: whatsapp.capabilities,
      tools: workshop.tools,
      clock,
      stopping: stop,
    },
    ref,
  );

/** How it fails while a byte falls every three seconds. */
async function failure(server: DrippingServer, clock: VirtualClock, fetched: Promise<unknown>) {
  const failed: unknown[] = [];
  fetched.catch((why: unknown) => failed.push(why));
  while (failed.length === 0) {
    server.drop();
    await clock.advance(3_000);
  }
  return failed[0];
}

test.each([
  ["drips", drippingBody()],
  ["stands still after its first bytes", stalling],
  ["drips without saying how long it is", drippingBody("HTTP/1.1 200 OK\r\n\r\n")],
])("a file that %s is given up with words, as a failed try", async (_, act) => {
  await using server = await DrippingServer.start(act);
  const clock = new VirtualClock();
  expect(await failure(server, clock, fetching(server, clock))).toMatchObject({
    reason: "too-slow",
    outage: false,
    retryAfter: 0,
    words: expect.stringContaining("came so slowly from WhatsApp"),
  });
  expect(workshop.underway()).toEqual([]);
});

test("a refusal whose text drips is not waited for", async () => {
  await using server = await DrippingServer.start(
    drippingBody("HTTP/1.1 404 Not Found\r\ncontent-length: 1000\r\n\r\n"),
  );
  await expect(fetching(server, new VirtualClock())).rejects.toMatchObject({ reason: "gone" });
});

test.each([
  ["body drips", drippingBody()],
  ["head drips", drippingHead],
  ["answer never begins", () => undefined],
] satisfies [string, Act][])("a stop ends a fetch whose %s, as nobody's try", async (_, act) => {
  await using server = await DrippingServer.start(act);
  const stop = new AbortController();
  const clock = new VirtualClock();
  const fetched = fetching(server, clock, stop.signal);
  const failed = expect(fetched).rejects.toMatchObject({ reason: "stopping", outage: true });
  while (server.asked === 0) await clock.advance(1);
  server.drop();
  stop.abort(stopping());
  await failed;
  expect(workshop.underway()).toEqual([]);
});
