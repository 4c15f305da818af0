import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

/** Messages nest at most so deep. */
export const DEEPEST = 24;

const MORE = 0x80;
const LOW_BITS = 0x7f;
/** Types of a field on the wire. */
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** What the bytes of a field hold, where that is more than one thing: a message, or a row of numbers. */
type Inner = DescMessage | "numbers";
const known = new WeakMap<DescMessage, ReadonlyMap<number, Inner>>();

/**
 * Counts the fields of a message and of the messages in it, up to one more than `most`: what it would cost to parse. Of
 * what is no protobuf it counts as far as that can be read. Makes no object for any field.
 */
export function countFields(schema: DescMessage, bytes: Uint8Array, most: number): number {
  const counter = new FieldCounter(bytes, most);
  counter.walk(schema, bytes.length, DEEPEST);
  return counter.count;
}

class FieldCounter {
  count = 0;
  readonly #bytes: Uint8Array;
  readonly #most: number;
  #at = 0;

  constructor(bytes: Uint8Array, most: number) {
    this.#bytes = bytes;
    this.#most = most;
  }

  walk(schema: DescMessage, end: number, deepest: number): void {
    const inners = innersOf(schema);
    while (this.#at < end && this.count <= this.#most) {
      const tag = this.#varint();
      this.count += 1;
      const type = tag % 8;
      if (type === WIRE.varint) this.#varint();
      else if (type === WIRE.fixed64) this.#at += 8;
      else if (type === WIRE.fixed32) this.#at += 4;
      else if (type === WIRE.bytes) this.#take(inners.get(Math.floor(tag / 8)), end, deepest);
    }
  }

  #take(inner: Inner | undefined, end: number, deepest: number): void {
    const next = Math.min(end, this.#varint() + this.#at);
    if (inner === "numbers") this.count += Math.max(0, next - this.#at);
    else if (inner !== undefined && deepest > 0) this.walk(inner, next, deepest - 1);
    this.#at = next;
  }

  /** Exact up to 32 bits, which no valid tag or length exceeds. */
  #varint(): number {
    let value = 0;
    for (let factor = 1; this.#at < this.#bytes.length; factor *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0;
      if (factor <= 2 ** 28) value += (byte & LOW_BITS) * factor;
      if (byte < MORE) break;
    }
    return value;
  }
}

function innersOf(schema: DescMessage): ReadonlyMap<number, Inner> {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const inners = new Map<number, Inner>();
  for (const field of schema.fields) {
    const inner = innerOf(field);
    if (inner !== undefined) inners.set(field.number, inner);
  }
  known.set(schema, inners);
  return inners;
}

function innerOf(field: DescField): Inner | undefined {
  if (field.fieldKind === "message") return field.message;
  if (field.fieldKind !== "list") return undefined;
  if (field.listKind === "message") return field.message;
  const single =
    field.listKind === "scalar" && (field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES);
  return single ? undefined : "numbers";
}
