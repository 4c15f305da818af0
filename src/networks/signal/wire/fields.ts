import { malformed } from "./errors.ts";

/** The latest time of a message: JavaScript's last, in milliseconds. */
const LATEST = 8_640_000_000_000_000n;

/** Milliseconds since the epoch; undefined for none (0), and for a time that no clock of ours can hold. */
export const timeFrom = (value: bigint): number | undefined =>
  value > 0n && value <= LATEST ? Number(value) : undefined;

/** As {@link timeFrom}. Throws `malformed` for none. */
export function requiredTime(value: bigint, what: string): number {
  const time = timeFrom(value);
  if (time === undefined) throw malformed(`${what} without a time`);
  return time;
}

/** Throws `malformed` for undefined. */
export function required<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw malformed(`${what} is missing`);
  return value;
}

/** A field that is left out where it is undefined, empty or 0, as protobuf means it. */
export function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  const empty = value instanceof Uint8Array ? value.length === 0 : !value;
  return empty ? {} : ({ [key]: value } as { readonly [K in Key]?: Value });
}
