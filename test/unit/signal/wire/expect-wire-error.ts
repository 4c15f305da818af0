import { expect } from "@jest/globals";
import { WireError, type WireReason } from "../../../../src/networks/signal/wire/errors.ts";

/** The reason of the WireError that `act` throws; the test fails when it throws nothing or anything else. */
export function reasonOf(act: () => unknown): WireReason {
  try {
    act();
  } catch (error) {
    if (error instanceof WireError) return error.reason;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** Runs `act`, which may answer or throw a WireError. Anything else fails the test. */
export function onlyWireErrors(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
  }
}
