/**
 * Fields of Signal's protobufs in JSON: bytes as `{"$bytes": "<base64>"}`, 64-bit integers as `{"$int": "<digits>"}`
 * where they are asked for, and as numbers where they are shown.
 */
export function fieldsFrom(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fieldsFrom);
  if (typeof value !== "object" || value === null) return value;
  const { $bytes, $int } = value as { readonly $bytes?: unknown; readonly $int?: unknown };
  if (typeof $bytes === "string") return Uint8Array.from(Buffer.from($bytes, "base64"));
  if (typeof $int === "string") return BigInt($int);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, fieldsFrom(field)]));
}

/** The other way round, for what a phone was sent. */
export function fieldsOf(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map(fieldsOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, fieldsOf(field)]));
}
