import { jest } from "@jest/globals";

const real = ["Date", "hrtime", "nextTick", "performance", "queueMicrotask", "setImmediate"] as const;

export interface HeldTimers extends Disposable {
  pass(ms: number): void;
  /** How many are set. */
  readonly set: number;
}

/** Timers run only when the test says so; sockets, promises and the clock go on as they are, but for what is held beside. */
export function heldTimers(beside?: "performance"): HeldTimers {
  jest.useFakeTimers({ doNotFake: real.filter((one) => one !== beside) });
  return {
    pass: (ms) => jest.advanceTimersByTime(ms),
    get set() {
      return jest.getTimerCount();
    },
    [Symbol.dispose]: () => void jest.useRealTimers(),
  };
}
