/** A protobuf message taken apart without a schema: what a golden test compares with the published numbers. */
export type Field = readonly [number: number, value: bigint | Uint8Array];

export function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = Number(varint());
    const fixed = { 1: 8, 5: 4 }[tag & 7];
    if ((tag & 7) === 0) fields.push([tag >>> 3, varint()]);
    else {
      const size = fixed ?? Number(varint());
      fields.push([tag >>> 3, message.subarray(at, at + size)]);
      at += size;
    }
  }
  return fields;
}

/** The value under a path of field numbers; the first one where a number is repeated. */
export function valueAt(message: Uint8Array, ...path: readonly number[]): bigint | Uint8Array | undefined {
  const [first, ...rest] = path;
  const value = fieldsOf(message).find(([number]) => number === first)?.[1];
  return rest.length === 0 ? value : value instanceof Uint8Array ? valueAt(value, ...rest) : undefined;
}

export const textAt = (message: Uint8Array, ...path: readonly number[]): string | undefined => {
  const value = valueAt(message, ...path);
  return value instanceof Uint8Array ? Buffer.from(value).toString() : undefined;
};

/** A field number and what stands under it. */
export type FieldOf = readonly [number: number, value: string | Uint8Array | number];

/** Builds a message. */
export function messageOf(...fields: readonly FieldOf[]): Uint8Array {
  const varint = (value: number): number[] =>
    value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === "number") return Uint8Array.from([...varint(number * 8), ...varint(value)]);
      const bytes = typeof value === "string" ? Buffer.from(value) : value;
      return Buffer.concat([Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
    }),
  );
}
