import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "@jest/globals";
import { beganAt } from "../../../tools/demo/began-at.ts";
import { openScreen, type Screen } from "../../../tools/demo/screen.ts";
import { Shown } from "../../../tools/demo/shown.ts";

/** What a screen shows of an act, its times as `T`. */
async function shown(isTTY: boolean, act: (screen: Screen) => void): Promise<string> {
  const stream = Object.assign(new PassThrough(), { isTTY });
  act(openScreen(stream));
  stream.end();
  return (await text(stream)).replaceAll(/ +\d+\.\d s/g, "T");
}

const fetching = (screen: Screen): void => {
  screen.step("Installing");
  for (let count = 1; count <= 57; count += 1) screen.step(`fetching ${count}/57`, true);
  screen.step("unpacking");
};

test("progress is one line on a terminal, which is written over", async () => {
  const lines = (await shown(true, fetching)).split("\n");
  expect(lines).toHaveLength(4);
  expect(lines[1]).toMatch(/^\r.*fetching 1\/57\r.*fetching 57\/57$/s);
  expect(lines[2]).toContain("unpacking");
});

test("progress is one line in a file, which has the last of it", async () => {
  expect(await shown(false, fetching)).toBe("T  Installing\nT  fetching 57/57\nT  unpacking\n");
});

test("time is counted from the command that npm was given", () => {
  const own = performance.timeOrigin;
  expect(beganAt()).toBe(own);
  const before = process.env["npm_lifecycle_event"];
  process.env["npm_lifecycle_event"] = "demo";
  const npm = beganAt();
  if (before === undefined) delete process.env["npm_lifecycle_event"];
  else process.env["npm_lifecycle_event"] = before;
  expect(npm).toBeLessThan(own);
  expect(npm).toBeGreaterThan(own - 24 * 3_600_000);
});

test("a receipt waits for the text it is for, and one for anything else does not", async () => {
  const all = new Shown();
  const there = Promise.withResolvers<void>();
  const order: string[] = [];
  const id = all.expect(there.promise.then(() => order.push("text")));
  const receipt = all.of(id).then(() => order.push("receipt"));
  await all.of("another");
  expect(order).toEqual([]);
  there.resolve();
  await receipt;
  expect(order).toEqual(["text", "receipt"]);
});

test("a receipt for a text that never comes is shown all the same", async () => {
  const all = new Shown();
  await all.of(all.expect(Promise.reject(new Error("in vain"))));
});
