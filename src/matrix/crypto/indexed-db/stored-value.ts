import { deserialize, serialize } from "node:v8";

/** A value's bytes: a structured clone, as it is at the call. */
export const bytesOf = (value: unknown): Uint8Array<ArrayBuffer> => Uint8Array.from(serialize(value));

export const valueOf = (bytes: Uint8Array): unknown => deserialize(bytes);
