import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { FaultGate } from "../../../src/sandbox/faults/fault-gate.ts";
import { anonymousTarget } from "../../../src/sandbox/faults/fault-target.ts";
import { type FaultRule, Faults } from "../../../src/sandbox/faults/faults.ts";
import type { Logger } from "../../../src/sandbox/logger.ts";
import { CommitGroup } from "../../../src/sandbox/state/commit-group.ts";
import { openDatabase } from "../../../src/sandbox/state/database.ts";

const silent: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};

async function gate(...rules: readonly FaultRule[]) {
  const db = openDatabase(":memory:");
  const commits = new CommitGroup(db);
  const faults = new Faults(db, commits, silent);
  for (const rule of rules) {
    const added = faults.add(rule);
    commits.flush();
    await added;
  }
  const passed: string[] = [];
  const made = new FaultGate(faults, () => passed.push("cut"));
  const pass = (name: string): void =>
    made.pass(anonymousTarget("whatsapp", "to_bridge", "message"), () => passed.push(name));
  return { passed, pass, faults, gate: made };
}

describe("a gate of ordered faults", () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ["setImmediate", "queueMicrotask", "nextTick"] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test("passes everything when nothing is ordered", async () => {
    const { passed, pass, gate: one } = await gate();
    expect(one.clear).toBe(true);
    for (const name of ["a", "b"]) pass(name);
    expect(passed).toEqual(["a", "b"]);
  });

  test("drops, duplicates and cuts", async () => {
    const { passed, pass } = await gate(
      { fault: "drop", count: 1 },
      { fault: "duplicate", after: 1, count: 1 },
      { fault: "disconnect", after: 3 },
      { fault: "drop", direction: "from_bridge" },
      { fault: "drop", network: "messenger" },
    );
    for (const name of ["a", "b", "c", "d"]) pass(name);
    expect(passed).toEqual(["b", "b", "c", "cut"]);
  });

  test("what follows a delayed stanza waits for it", async () => {
    const { passed, pass } = await gate({ fault: "delay", count: 1, ms: 100 });
    for (const name of ["a", "b"]) pass(name);
    expect(passed).toEqual([]);
    jest.advanceTimersByTime(100);
    expect(passed).toEqual(["a", "b"]);
  });

  test("a reordered stanza goes after the next, or alone in the end", async () => {
    const { passed, pass } = await gate({ fault: "reorder", count: 2, ms: 50 });
    for (const name of ["a", "b"]) pass(name);
    expect(passed).toEqual(["b", "a"]);
    pass("c");
    jest.advanceTimersByTime(50);
    expect(passed).toEqual(["b", "a", "c"]);
  });

  test("progress is kept: a fault used up before a restart stays so", async () => {
    const db = openDatabase(":memory:");
    const commits = new CommitGroup(db);
    const before = new Faults(db, commits, silent);
    await before.add({ fault: "throttle", count: 1 });
    expect(before.hit(["throttle"], anonymousTarget("messenger", "from_bridge", "iq"))).toBeDefined();
    commits.flush();
    const after = new Faults(db, commits, silent);
    expect(after.hit(["throttle"], anonymousTarget("messenger", "from_bridge", "iq"))).toBeUndefined();
    expect(await after.remove()).toBe(1);
    expect(after.none).toBe(true);
  });
});
