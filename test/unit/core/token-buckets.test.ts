import { describe, expect, test } from "@jest/globals";
import { TokenBuckets } from "../../../src/core/runtime/token-buckets.ts";

describe("token buckets", () => {
  test("allow so many at once, then one more each time, for each key by itself", () => {
    const buckets = new TokenBuckets({ burst: 3, every: 100 });
    const taken = (now: number, key = "a"): number => buckets.take(key, now);
    expect([taken(0), taken(0), taken(0), taken(0)]).toEqual([0, 0, 0, 100]);
    expect(taken(0, "b")).toBe(0);
    expect([taken(40), taken(100), taken(100)]).toEqual([60, 0, 100]);
    expect(buckets.wait("a", 150)).toBe(50);
    // It fills up, and holds no more than at first.
    expect([taken(9_000), taken(9_000), taken(9_000), taken(9_000)]).toEqual([0, 0, 0, 100]);
  });

  test("wait no longer where the clock is set back, and keep those that are in use among many", () => {
    const buckets = new TokenBuckets({ burst: 1, every: 100 });
    expect([buckets.take("a", 50_000), buckets.take("a", 1_000)]).toEqual([0, 100]);
    for (let at = 0; at < 5_000; at++) buckets.take(`key ${at}`, at);
    expect(buckets.wait("key 4999", 5_000)).toBe(99);
    expect(buckets.wait("key 1", 5_000)).toBe(0);
  });
});
