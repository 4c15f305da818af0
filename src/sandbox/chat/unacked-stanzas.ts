/** A stanza that was sent over this connection and not acknowledged yet. */
interface UnackedStanza {
  readonly seq: number;
  readonly load: number | null;
  sentAt: number;
  /** Its lateness was reported, or excused: it is never reported again. */
  settled: boolean;
}

const mostRemembered = 4096;

/** The key by which an `<ack>` names a stanza: class, id, sender and type. */
export function ackKey(of: {
  readonly class: string;
  readonly id: string;
  readonly peer: string;
  readonly type: string;
}): string {
  const plain = of.peer.replace(/:0@/, "@");
  return of.class === "notification" ? `n ${of.id}` : `${of.class} ${of.id} ${plain} ${of.type}`;
}

/** The stanzas that one connection sent and that wait for their acknowledgement. Time is the caller's count of ticks. */
export class UnackedStanzas {
  readonly #byKey = new Map<string, UnackedStanza[]>();
  readonly #acknowledgedKeys = new Set<string>();
  #count = 0;

  get size(): number {
    return this.#count;
  }

  add(key: string, stanza: { readonly seq: number; readonly load?: number | null }, tick: number): void {
    const unacked = this.#byKey.get(key) ?? [];
    const again = unacked.find(({ seq }) => seq === stanza.seq);
    if (again !== undefined) return;
    unacked.push({ seq: stanza.seq, load: stanza.load ?? null, sentAt: tick, settled: false });
    this.#byKey.set(key, unacked);
    this.#count += 1;
  }

  /** Takes out the oldest stanza of this key; `again` when it was acknowledged before, undefined when it was never sent. */
  acknowledge(key: string): { readonly seq: number; readonly load: number | null } | "again" | undefined {
    const unacked = this.#byKey.get(key);
    const stanza = unacked?.shift();
    if (unacked === undefined || stanza === undefined)
      return this.#acknowledgedKeys.has(key) ? "again" : undefined;
    if (unacked.length === 0) this.#byKey.delete(key);
    this.#count -= 1;
    this.remember(key);
    return stanza;
  }

  /** Remembers an acknowledged key, so that a second `<ack>` for it is no violation. */
  remember(key: string): void {
    this.#acknowledgedKeys.add(key);
    if (this.#acknowledgedKeys.size <= mostRemembered) return;
    for (const oldest of this.#acknowledgedKeys) {
      this.#acknowledgedKeys.delete(oldest);
      return;
    }
  }

  /** The bridge acknowledged these stanzas, but a fault may drop its `<ack>`: they never become overdue. */
  excuse(key: string): void {
    for (const stanza of this.#byKey.get(key) ?? []) stanza.settled = true;
  }

  /** Keys of stanzas sent at `tick` or before and not acknowledged, each answered once. */
  overdue(tick: number): readonly string[] {
    const settled: string[] = [];
    for (const [key, unacked] of this.#byKey) {
      const first = unacked[0];
      if (first === undefined || first.sentAt > tick) break;
      if (first.settled) continue;
      first.settled = true;
      settled.push(key);
    }
    return settled;
  }
}
