import type { OutboxId } from "../model/ids.ts";

const PRIME = 0x100000001b3n;
/** FNV-1a's own start, and another, for two halves that differ. */
const STARTS = [0xcbf29ce484222325n, 0x6c62272e07bb0142n] as const;

/**
 * The id of a row that is made of an event: a UUIDv8 (RFC 9562) of the event's time, so that rows of the same time are
 * neighbours on disk, and a hash (FNV-1a) of what names it. It need only be unlike others', not hard to guess.
 */
export function rowOfEvent(name: string, at: number): OutboxId {
  const time = Math.max(0, Math.trunc(at)).toString(16).padStart(12, "0").slice(-12);
  const [high = "", low = ""] = STARTS.map((start) => fnv1a(name, start).toString(16).padStart(16, "0"));
  const variant = "89ab"[Number.parseInt(low.slice(0, 1), 16) % 4];
  const [version, clock, node] = [`8${high.slice(0, 3)}`, `${variant}${low.slice(1, 4)}`, high.slice(4)];
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${clock}-${node}` as OutboxId;
}

function fnv1a(text: string, start: bigint): bigint {
  let hash = start;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    for (const byte of [unit & 0xff, unit >> 8]) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME);
  }
  return hash;
}
