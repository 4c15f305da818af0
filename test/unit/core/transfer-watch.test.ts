import { describe, expect, test } from "@jest/globals";
import { stopping } from "../../../src/core/model/errors.ts";
import { PACE, TransferWatch, watched } from "../../../src/core/runtime/transfer-watch.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

const SECOND = 1_000;
const words = "It is too slow.";
const slow = { reason: "too-slow", words, outage: false, retryAfter: 0 };

/** How many seconds a transfer lasts that moves so many bytes every so many seconds. */
async function lasts(bytes: number, every: number, most = 8_000): Promise<number> {
  const clock = new VirtualClock();
  using watch = new TransferWatch({ clock, words });
  watch.expectBytes();
  let seconds = 0;
  while (!watch.signal.aborted && seconds < most) {
    await clock.advance(every * SECOND);
    seconds += every;
    watch.count(bytes);
  }
  if (watch.signal.aborted) expect(watch.signal.reason).toMatchObject(slow);
  return seconds;
}

describe("a transfer", () => {
  test("that stands still or drips is given up after twenty seconds", async () => {
    expect(await lasts(0, 1)).toBe(20);
    expect(await lasts(1, 3)).toBe(21);
    expect(await lasts(16 * 1024 - 1, 1)).toBe(20);
  });

  test("that is fast enough goes on, in even pieces or not, for an hour at most", async () => {
    expect(await lasts(20 * 1024, 1)).toBe(3_600);
    expect(await lasts(400 * 1024, 15, 3_000)).toBe(3_000);
  });

  test("that was fast is given up soon after it stands still", async () => {
    const clock = new VirtualClock();
    using watch = new TransferWatch({ clock, words });
    watch.expectBytes();
    watch.count(1e9);
    await clock.advance(39 * SECOND);
    expect(watch.signal.aborted).toBe(false);
    await clock.advance(SECOND);
    expect(watch.signal.reason).toMatchObject(slow);
  });

  test("needs no bytes where none are due, for so long", async () => {
    const clock = new VirtualClock();
    using watch = new TransferWatch({ clock, words });
    watch.expectBytes();
    await clock.advance(10 * SECOND);
    watch.expectEndWithin(180 * SECOND);
    await clock.advance(179 * SECOND);
    expect(watch.signal.aborted).toBe(false);
    await clock.advance(SECOND);
    expect(watch.signal.reason).toMatchObject(slow);
  });

  test("ends at the stop, and one that begins after it too", () => {
    const stop = new AbortController();
    const clock = new VirtualClock();
    using watch = new TransferWatch({ clock, words, stopping: stop.signal });
    stop.abort(stopping());
    using late = new TransferWatch({ clock, words, stopping: stop.signal });
    for (const { signal } of [watch, late]) {
      expect(signal.reason).toMatchObject({ reason: "stopping", outage: true });
    }
  });

  test("that is over is not given up any more", async () => {
    const clock = new VirtualClock();
    const stop = new AbortController();
    const watch = new TransferWatch({ clock, words, stopping: stop.signal });
    const chunks: Uint8Array[] = [];
    for await (const chunk of watched(source(), watch)) chunks.push(chunk);
    expect(chunks).toHaveLength(2);
    watch[Symbol.dispose]();
    await clock.advance(2 * PACE.most);
    stop.abort();
    expect(watch.signal.aborted).toBe(false);
  });
});

async function* source(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
  yield new Uint8Array(2);
}
