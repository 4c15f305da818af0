import { expect } from "@jest/globals";
import { WireError, type WireReason } from "../../../src/networks/meta-interop/wire/errors.ts";

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

/** The bytes with one bit turned over. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const at = Math.floor(bit / 8) % Math.max(1, bytes.length);
  changed[at] = (changed[at] ?? 0) ^ (1 << (bit % 8));
  return changed;
}
