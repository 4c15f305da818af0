import { expect, test } from "@jest/globals";
import { FairScheduler } from "../../../src/core/ports/scheduler.ts";

function loopOf() {
  const later: (() => void)[] = [];
  const loop = { time: 0, turn: async () => {} };
  const scheduler = new FairScheduler({ now: () => loop.time, later: (act) => void later.push(act) });
  loop.turn = async () => {
    for (const act of later.splice(0)) act();
    // What goes on now does so in microtasks.
    for (let i = 0; i < 10; i += 1) await Promise.resolve();
  };
  return { loop, scheduler };
}

test("work goes on at once while a turn is young, and in the next one when it is not", async () => {
  const { loop, scheduler } = loopOf();
  expect(scheduler.yield()).toBeUndefined();
  loop.time = 7;
  expect(scheduler.yield()).toBeUndefined();
  loop.time = 8;
  let on = false;
  const waiting = (async () => {
    await scheduler.yield();
    on = true;
  })();
  expect(on).toBe(false);
  await loop.turn();
  await waiting;
  expect(on).toBe(true);
  expect(scheduler.yield()).toBeUndefined();
});

test("of many that wait one goes on a turn, so that no turn is longer than one piece", async () => {
  const { loop, scheduler } = loopOf();
  const done: number[] = [];
  void scheduler.yield();
  loop.time = 10;
  for (const name of [1, 2, 3]) {
    void (async () => {
      await scheduler.yield();
      done.push(name);
      loop.time += 30;
      await scheduler.yield();
      done.push(name * 10);
    })();
  }
  const seen = [];
  for (let turn = 0; turn < 7; turn += 1) {
    await loop.turn();
    seen.push([...done]);
  }
  expect(seen.map((each) => each.length)).toEqual([1, 2, 3, 4, 5, 6, 6]);
  expect(done).toEqual([1, 2, 3, 10, 20, 30]);
});
