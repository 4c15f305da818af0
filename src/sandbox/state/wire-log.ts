import type { NetworkName } from "../config.ts";

/** A stanza that went over a connection, or a fault that hit one. */
export interface WireEntry {
  /** Counts from 1 in each process. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly network: NetworkName;
  /** Visible id of the integrator's user. */
  readonly user: string | undefined;
  readonly direction: "to_bridge" | "from_bridge";
  /** The stanza as it went; absent for a fault, and for a stanza too long to keep. */
  readonly bytes?: Uint8Array;
  readonly size?: number;
  readonly stanza?: string;
  readonly fault?: string;
}

const mostEntries = 500;
/** Longer stanzas are not kept for the log, only their size. */
const mostBytes = 8192;

/** The last stanzas on the wire, in memory. Adding one costs no more than keeping it: it is read when somebody looks. */
export class WireLog {
  #entries: WireEntry[] = [];
  #seq = 0;
  readonly #listeners = new Set<() => void>();

  add(of: Omit<WireEntry, "seq" | "at" | "size">): void {
    this.#seq += 1;
    const { bytes, ...rest } = of;
    const kept =
      bytes === undefined
        ? {}
        : { size: bytes.length, ...(bytes.length > mostBytes ? {} : { bytes: Uint8Array.from(bytes) }) };
    this.#entries.push({ ...rest, ...kept, seq: this.#seq, at: Date.now() });
    if (this.#entries.length > 2 * mostEntries) this.#entries = this.#entries.slice(-mostEntries);
    for (const listener of this.#listeners) listener();
  }

  /** The entries after this one, at most the last 500. */
  after(seq: number): readonly WireEntry[] {
    return this.#entries.slice(-mostEntries).filter((entry) => entry.seq > seq);
  }

  /** Calls `listener` after every entry, until the answered function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
