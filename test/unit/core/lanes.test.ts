import { describe, expect, test } from "@jest/globals";
import type { Log } from "../../../src/core/ports/log.ts";
import { Lanes, type Step } from "../../../src/core/runtime/lanes.ts";
import { atOnce } from "../../kit/scheduler.ts";
import { settle, VirtualClock } from "../../kit/virtual-clock.ts";

function unbegunLanes() {
  const clock = new VirtualClock();
  const random = { uuid: () => crypto.randomUUID() };
  const errors: string[] = [];
  const log: Log = { error: (message) => void errors.push(message), warn() {}, info() {}, debug() {} };
  const lanes = new Lanes<string>({
    name: "test",
    textOf: (key) => key,
    clock,
    random,
    scheduler: atOnce,
    log,
  });
  return { lanes, clock, errors };
}

function lanesOf(step: (key: string) => Promise<Step>) {
  const made = unbegunLanes();
  made.lanes.begin(step);
  return made;
}

describe("lanes", () => {
  test("a lane that is woken before lanes run is taken up when they begin to", async () => {
    const { lanes } = unbegunLanes();
    const ran: string[] = [];
    lanes.wake("a");
    await settle();
    lanes.begin(async (key) => {
      ran.push(key);
      return "idle";
    });
    await settle();
    expect(ran).toEqual(["a"]);
  });

  test("a lane's steps never overlap, and different lanes' do", async () => {
    const running = new Map<string, number>();
    let most = 0;
    let left = 6;
    const { lanes } = lanesOf(async (key) => {
      running.set(key, (running.get(key) ?? 0) + 1);
      expect(running.get(key)).toBe(1);
      most = Math.max(
        most,
        Array.from(running.values()).reduce((sum, n) => sum + n, 0),
      );
      await new Promise<void>((resolve) => setImmediate(resolve));
      running.set(key, 0);
      return --left > 0 ? "more" : "idle";
    });
    for (const key of ["a", "b", "a", "b"]) lanes.wake(key);
    await settle();
    expect(most).toBe(2);
    expect(lanes.busy).toBe(0);
  });

  test("a wake during a step is not forgotten", async () => {
    let steps = 0;
    let finish = () => {};
    const { lanes } = lanesOf(async () => {
      if (++steps === 1) await new Promise<void>((resolve) => (finish = resolve));
      return "idle";
    });
    lanes.wake("a");
    await settle();
    lanes.wake("a");
    finish();
    await settle();
    expect(steps).toBe(2);
  });

  test("a waiting lane is left alone by wake, ended by hurry, and goes on by itself", async () => {
    let steps = 0;
    const { lanes, clock } = lanesOf(async () => (++steps < 3 ? { wait: 1000 } : "idle"));
    lanes.wake("a");
    await settle();
    lanes.wake("a");
    await settle();
    expect(steps).toBe(1);
    lanes.hurryAll((key) => key === "a");
    await settle();
    expect(steps).toBe(2);
    await clock.advance(1000);
    expect(steps).toBe(3);
  });

  test("held lanes start nothing until they are released", async () => {
    const seen: string[] = [];
    const { lanes } = lanesOf(async (key) => {
      seen.push(key);
      return "idle";
    });
    lanes.hold();
    lanes.wake("a");
    await settle();
    expect(seen).toEqual([]);
    lanes.release();
    await settle();
    expect(seen).toEqual(["a"]);
  });

  test("a step that throws is logged, and the lane tries again later", async () => {
    let steps = 0;
    const { lanes, clock, errors } = lanesOf(async () => {
      if (++steps === 1) throw new Error("fault");
      return "idle";
    });
    lanes.wake("a");
    await settle();
    expect(errors).toHaveLength(1);
    await clock.advance(60_000);
    expect(steps).toBe(2);
  });

  test("disposal waits for the running step and starts no other", async () => {
    let finish = () => {};
    let steps = 0;
    const { lanes } = lanesOf(async () => {
      steps++;
      await new Promise<void>((resolve) => (finish = resolve));
      return "more";
    });
    lanes.wake("a");
    await settle();
    let closed = false;
    const closing = lanes[Symbol.asyncDispose]().then(() => (closed = true));
    await settle();
    expect(closed).toBe(false);
    finish();
    await closing;
    lanes.wake("a");
    await settle();
    expect(steps).toBe(1);
  });

  test("in an outage a lane looks ever more seldom, lanes apart from each other, until it is resumed", async () => {
    const at = new Map<string, number[]>();
    let away = true;
    const { lanes, clock } = lanesOf(async (key) => {
      at.set(key, [...(at.get(key) ?? []), clock.now()]);
      return away ? { wait: 0, outage: true } : "idle";
    });
    for (const key of ["a", "b", "c"]) lanes.wake(key);
    await clock.advance(600_000);
    const [a = [], b = []] = [at.get("a"), at.get("b")];
    const pauses = a.slice(1).map((time, index) => time - (a[index] ?? 0));
    expect(a.length).toBeLessThan(35);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000);
    expect(Math.min(...pauses.slice(7))).toBeGreaterThanOrEqual(30_000);
    expect(a.slice(1)).not.toEqual(b.slice(1));
    away = false;
    lanes.resume();
    await settle();
    expect(lanes.busy).toBe(0);
  });

  test("the end of an outage is no reason to hurry a lane that waits for something else", async () => {
    let steps = 0;
    const { lanes } = lanesOf(async () => (++steps < 2 ? { wait: 1000 } : "idle"));
    lanes.wake("a");
    await settle();
    lanes.resume();
    await settle();
    expect(steps).toBe(1);
  });
});
