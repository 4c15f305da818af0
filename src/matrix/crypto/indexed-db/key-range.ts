import type { ByteRange } from "../crypto-records.ts";
import { encodeKey } from "./keys.ts";

/** `IDBKeyRange` over encoded keys. */
export class KeyRange {
  readonly bytes: ByteRange;

  private constructor(bytes: ByteRange) {
    this.bytes = bytes;
  }

  static only(key: unknown): KeyRange {
    return KeyRange.bound(key, key);
  }

  static bound(lower: unknown, upper: unknown, lowerOpen = false, upperOpen = false): KeyRange {
    const range = { lower: encodeKey(lower), upper: encodeKey(upper), lowerOpen, upperOpen };
    const order = Buffer.compare(range.lower, range.upper);
    if (order > 0 || (order === 0 && (lowerOpen || upperOpen)))
      throw new DOMException("No key is in this range.", "DataError");
    return new KeyRange(range);
  }

  static lowerBound(lower: unknown, open = false): KeyRange {
    return new KeyRange({ lower: encodeKey(lower), lowerOpen: open, upperOpen: false });
  }

  static upperBound(upper: unknown, open = false): KeyRange {
    return new KeyRange({ upper: encodeKey(upper), lowerOpen: false, upperOpen: open });
  }
}

const ALL: ByteRange = { lowerOpen: false, upperOpen: false };

/** What a request asks for: all, one key, or a range. */
export function rangeOf(query: unknown): ByteRange {
  if (query === undefined || query === null) return ALL;
  return query instanceof KeyRange ? query.bytes : KeyRange.only(query).bytes;
}

export function isWithin({ lower, upper, lowerOpen, upperOpen }: ByteRange, key: Uint8Array): boolean {
  if (lower) {
    const order = Buffer.compare(key, lower);
    if (order < 0 || (order === 0 && lowerOpen)) return false;
  }
  if (!upper) return true;
  const order = Buffer.compare(key, upper);
  return order < 0 || (order === 0 && !upperOpen);
}
