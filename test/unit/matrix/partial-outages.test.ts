import { expect, test } from "@jest/globals";
import { PartialOutages } from "../../../src/matrix/health/partial-outages.ts";

const to = (room: string) => [{ room: `!${room}`, id: Math.random() }];

test("what fails for one is its own fault, for several a part's of the homeserver", () => {
  const parts = new PartialOutages();
  expect(parts.failed("send", to("a"), 0)).toBeUndefined();
  expect(parts.failed("send", to("a"), 500)).toBeUndefined();
  expect(parts.failed("createRoom", [{ key: "b" }], 500)).toBeUndefined();
  expect(parts.failed("send", to("b"), 600)).toBe(500);
  expect(parts.failed("send", to("a"), 4000)).toBe(2000);
  expect(parts.failed("send", to("b"), 60_000)).toBe(5000);
});

test("one that fails while others succeed is to blame, however many there are of it", () => {
  const parts = new PartialOutages();
  parts.failed("send", to("a"), 0);
  expect(parts.failed("send", to("b"), 0)).toBeDefined();
  parts.succeeded("send", to("c"));
  expect(parts.failed("send", to("a"), 1000)).toBeUndefined();
  expect(parts.failed("send", to("b"), 1000)).toBeUndefined();
});

test("what succeeded in the end fails anew as if for the first time", () => {
  const parts = new PartialOutages();
  parts.failed("send", to("a"), 0);
  parts.failed("send", to("b"), 0);
  parts.succeeded("send", to("a"));
  expect(parts.failed("send", to("a"), 1000)).toBeUndefined();
  expect(parts.failed("send", to("c"), 1000)).toBeDefined();
});

test("files are told apart by their addresses", () => {
  const parts = new PartialOutages();
  const file = (name: string) => [{ at: "homeserver", uri: `mxc://x/${name}`, key: "k" }, 100];
  expect(parts.failed("openMedia", file("1"), 0)).toBeUndefined();
  expect(parts.failed("openMedia", file("1"), 0)).toBeUndefined();
  expect(parts.failed("openMedia", file("2"), 0)).toBeDefined();
});

test("after ten minutes each is judged by itself, so that no chat waits for ever", () => {
  const parts = new PartialOutages();
  const minute = 60_000;
  for (let at = 0; at < 10 * minute; at += 5000) {
    parts.failed("putMedia", ["@a:x", "mxc://x/1"], at);
    expect(parts.failed("putMedia", ["@b:x", "mxc://x/2"], at)).toBeDefined();
  }
  expect(parts.failed("putMedia", ["@a:x", "mxc://x/1"], 10 * minute)).toBeUndefined();
  expect(parts.failed("putMedia", ["@b:x", "mxc://x/2"], 10 * minute)).toBeUndefined();
});
