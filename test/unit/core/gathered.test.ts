import { describe, expect, test } from "@jest/globals";
import { Gathered } from "../../../src/core/runtime/gathered.ts";

describe("work for many at once", () => {
  test("is done together for what came while the work before ran, each key by itself", async () => {
    const runs: (readonly string[])[] = [];
    const ends: (() => void)[] = [];
    const gathered = new Gathered<string>(async (items) => {
      runs.push([...items]);
      await new Promise<void>((resolve) => ends.push(resolve));
    });
    const first = [gathered.add("a", "1"), gathered.add("a", "2"), gathered.add("b", "3")];
    await new Promise((resolve) => setImmediate(resolve));
    expect(runs).toEqual([["1", "2"], ["3"]]);
    const then = Array.from({ length: 300 }, (_, at) => gathered.add("a", `more ${at}`));
    await new Promise((resolve) => setImmediate(resolve));
    expect(runs).toHaveLength(2);
    for (const end of ends.splice(0)) end();
    await Promise.all(first);
    await new Promise((resolve) => setImmediate(resolve));
    expect(runs[2]).toHaveLength(300);
    for (const end of ends.splice(0)) end();
    await Promise.all(then);
  });

  test("fails for those whose work it was, and goes on with the next", async () => {
    const gathered = new Gathered<string>(async ([item]) => {
      if (item === "bad") throw new Error("the disk is full");
    });
    const bad = [gathered.add("a", "bad"), gathered.add("a", "beside it")];
    await expect(Promise.all(bad)).rejects.toThrow("the disk is full");
    await expect(gathered.add("a", "good")).resolves.toBeUndefined();
  });
});
