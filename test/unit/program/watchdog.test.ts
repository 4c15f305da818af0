import { expect, test } from "@jest/globals";
import type { Log } from "../../../src/core/ports/log.ts";
import type { RunningStep } from "../../../src/core/runtime/lanes.ts";
import { watchdogPeriod } from "../../../src/program/systemd/service-manager.ts";
import { Watchdog } from "../../../src/program/systemd/watchdog.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

const HOUR = 3_600_000;

/** A watchdog of 30 seconds whose bridge answers as the test says. */
class Watched implements Disposable {
  readonly clock = new VirtualClock();
  readonly errors: string[] = [];
  signs = 0;
  pulse: () => Promise<readonly RunningStep[]> = async () => [];
  readonly #watchdog: Watchdog;

  constructor() {
    const silent = (): void => undefined;
    const log: Log = {
      error: (message, fields) => void this.errors.push(`${message} ${String(fields?.["lane"])}`),
      warn: silent,
      info: silent,
      debug: silent,
    };
    this.#watchdog = new Watchdog({
      manager: { alive: async () => void (this.signs += 1) },
      period: 30_000,
      pulse: () => this.pulse(),
      clock: this.clock,
      elapsed: () => this.clock.now(),
      log,
    });
  }

  /** How many signs of life come in so many milliseconds. */
  async signsIn(ms: number): Promise<number> {
    const before = this.signs;
    await this.clock.advance(ms);
    return this.signs - before;
  }

  [Symbol.dispose](): void {
    this.#watchdog[Symbol.dispose]();
  }
}

test("there are three signs of life in each period, until the end", async () => {
  const watched = new Watched();
  expect(await watched.signsIn(60_000)).toBe(6);
  watched[Symbol.dispose]();
  expect(await watched.signsIn(60_000)).toBe(0);
});

test("there is none while the store does not answer", async () => {
  using watched = new Watched();
  watched.pulse = () => new Promise(() => undefined);
  expect(await watched.signsIn(60_000)).toBe(0);
});

test("a store that refuses is alive: another start would not help", async () => {
  using watched = new Watched();
  watched.pulse = () => Promise.reject(new Error("the disk is full"));
  expect(await watched.signsIn(30_000)).toBe(3);
});

test("one step that never ends is the end of the signs; many that end are not", async () => {
  using watched = new Watched();
  watched.pulse = async () => [{ lane: "matrix-inbox" }];
  expect(await watched.signsIn(12 * HOUR)).toBe(12 * 360);
  const stuck = { lane: "network-outbox" };
  watched.pulse = async () => [{ lane: "matrix-inbox" }, stuck];
  // Seen for the first time after ten seconds.
  expect(await watched.signsIn(12 * HOUR)).toBe(6 * 360 + 1);
  expect(new Set(watched.errors)).toEqual(
    new Set(["a lane's step does not end; systemd is left to restart the bridge network-outbox"]),
  );
  watched.pulse = async () => [];
  expect(await watched.signsIn(30_000)).toBe(3);
});

test.each([
  [{ WATCHDOG_USEC: "120000000" }, 120_000],
  [{ WATCHDOG_USEC: "120000000", WATCHDOG_PID: "7" }, 120_000],
  [{ WATCHDOG_USEC: "120000000", WATCHDOG_PID: "8" }, undefined],
  [{ WATCHDOG_USEC: "0" }, undefined],
  [{ WATCHDOG_USEC: "soon" }, undefined],
  [{}, undefined],
])("of %j process 7 takes a period of %s ms", (environment, period) => {
  expect(watchdogPeriod(environment, 7)).toBe(period);
});
