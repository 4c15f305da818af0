/** Letters of one connection that the bridge has not acknowledged yet, oldest first. */
interface Flight {
  readonly seq: number;
  readonly load: number | null;
  sentAt: number;
  late: boolean;
}

const mostRemembered = 4096;

/** What an acknowledgement names: class, id, whom it goes to, type. */
export function flightKey(of: {
  readonly class: string;
  readonly id: string;
  readonly peer: string;
  readonly type: string;
}): string {
  const plain = of.peer.replace(/:0@/, "@");
  return of.class === "notification" ? `n ${of.id}` : `${of.class} ${of.id} ${plain} ${of.type}`;
}

/** Keeps what was sent until it is acknowledged; time is counted in ticks that the owner gives. */
export class Flights {
  readonly #flying = new Map<string, Flight[]>();
  readonly #landed = new Set<string>();
  #count = 0;

  get size(): number {
    return this.#count;
  }

  sent(key: string, letter: { readonly seq: number; readonly load?: number | null }, tick: number): void {
    const flights = this.#flying.get(key) ?? [];
    const again = flights.find(({ seq }) => seq === letter.seq);
    if (again !== undefined) return;
    flights.push({ seq: letter.seq, load: letter.load ?? null, sentAt: tick, late: false });
    this.#flying.set(key, flights);
    this.#count += 1;
  }

  /** The oldest letter of this key; `again` when it was acknowledged before, undefined when it is not known. */
  acknowledge(key: string): { readonly seq: number; readonly load: number | null } | "again" | undefined {
    const flights = this.#flying.get(key);
    const flight = flights?.shift();
    if (flights === undefined || flight === undefined) return this.#landed.has(key) ? "again" : undefined;
    if (flights.length === 0) this.#flying.delete(key);
    this.#count -= 1;
    this.remember(key);
    return flight;
  }

  /** A late repetition of this acknowledgement is then no breach. */
  remember(key: string): void {
    this.#landed.add(key);
    if (this.#landed.size <= mostRemembered) return;
    for (const oldest of this.#landed) {
      this.#landed.delete(oldest);
      return;
    }
  }

  /** The bridge did acknowledge, an ordered fault may keep it from us: not late then. */
  excuse(key: string): void {
    for (const flight of this.#flying.get(key) ?? []) flight.late = true;
  }

  /** Keys of letters that became late since the last question: sent at `tick` or before. */
  lateSince(tick: number): readonly string[] {
    const late: string[] = [];
    for (const [key, flights] of this.#flying) {
      const first = flights[0];
      if (first === undefined || first.sentAt > tick) break;
      if (first.late) continue;
      first.late = true;
      late.push(key);
    }
    return late;
  }
}
