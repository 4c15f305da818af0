import { expect, test } from "@jest/globals";
import { BridgeError } from "../../../src/core/model/errors.ts";
import type { MediaFile } from "../../../src/core/model/media.ts";
import { LongTexts } from "../../../src/networks/signal/media/long-texts.ts";
import { memoryFile } from "../../kit/memory-file.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

const pointer = {
  cdn: 3,
  cdnKey: "k",
  key: new Uint8Array(64),
  digest: new Uint8Array(32),
  size: 5,
  voice: false,
  gif: false,
  borderless: false,
};
const hello = (): Promise<MediaFile> => Promise.resolve(memoryFile(Buffer.from("Grüße")));

function reading(open: () => Promise<MediaFile>, clock = new VirtualClock()) {
  let asked = 0;
  const counted = (): Promise<MediaFile> => {
    asked += 1;
    return open();
  };
  return { texts: new LongTexts({ open: counted, clock }), clock, asked: () => asked };
}

test("a text is read from its file", async () => {
  const { texts, clock } = reading(hello);
  expect(await texts.read(pointer)).toBe("Grüße");
  expect(clock.timers).toBe(0);
});

test("one that is no text, that is too long or that is nowhere is left to its beginning", async () => {
  const bytes = () => Promise.resolve(memoryFile(Uint8Array.of(0xff, 0xfe)));
  expect(await reading(bytes).texts.read(pointer)).toBeUndefined();
  const { texts, asked } = reading(hello);
  expect(await texts.read({ ...pointer, size: 65_537 })).toBeUndefined();
  expect(await texts.read({ ...pointer, cdnKey: "" })).toBeUndefined();
  expect(asked()).toBe(0);
});

test("one that the host refuses holds none of the next back", async () => {
  const refused = new BridgeError("gone", { words: "gone", certain: true });
  const answers = [() => Promise.reject(refused), hello];
  const { texts } = reading(() => (answers.shift() ?? hello)());
  expect(await texts.read(pointer)).toBeUndefined();
  expect(await texts.read(pointer)).toBe("Grüße");
});

test("a slow host is waited for three seconds, and then not asked for a minute", async () => {
  const answers = [() => new Promise<never>(() => undefined), hello];
  const { texts, clock, asked } = reading(() => (answers.shift() ?? hello)());
  const slow = texts.read(pointer);
  await clock.advance(2_999);
  expect(asked()).toBe(1);
  await clock.advance(1);
  expect(await slow).toBeUndefined();
  expect(await texts.read(pointer)).toBeUndefined();
  expect(asked()).toBe(1);
  await clock.advance(60_000);
  expect(await texts.read(pointer)).toBe("Grüße");
});
