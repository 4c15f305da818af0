import { expect, test } from "@jest/globals";
import { RateLimit } from "../../../src/http/provisioning/caller/rate-limit.ts";

/** A limit of three, one of which is forgotten each second. */
function limited() {
  const clock = { at: 1_000_000, now: () => clock.at };
  const limit = new RateLimit({ most: 3, each: 1_000 }, clock);
  for (let count = 0; count < 3; count += 1) limit.count("ana");
  return { limit, clock };
}

test("who does something too often waits until one is forgotten, and nobody else does", () => {
  const { limit, clock } = limited();
  expect([limit.wait("ana"), limit.wait("ben")]).toEqual([1_000, 0]);
  clock.at += 999;
  expect(limit.wait("ana")).toBe(1);
  clock.at += 1;
  expect(limit.wait("ana")).toBe(0);
  limit.count("ana");
  expect(limit.wait("ana")).toBe(1_000);
});

test("a clock that is set back keeps nobody waiting", () => {
  const { limit, clock } = limited();
  clock.at -= 3_600_000;
  expect(limit.wait("ana")).toBe(0);
});
