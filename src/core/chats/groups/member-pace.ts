/** Milliseconds between two groups' turns, at least and at most. */
const [LEAST, MOST] = [50, 10_000];

/**
 * Gives the groups that bring in many members one turn after the other, with pauses as long as a turn takes, so that a
 * homeserver has half of its time for everything else.
 */
export class MemberPace {
  #next = 0;
  #gap = LEAST;
  readonly #turns = new Map<string, number>();

  /** The milliseconds until it is the group's turn, which is taken where they are 0. Whoever asks first is first. */
  until(group: string, now: number): number {
    const turn = this.#turns.get(group) ?? Math.max(now, this.#next);
    if (!this.#turns.has(group)) this.#next = turn + this.#gap;
    if (turn > now) this.#turns.set(group, turn);
    else this.#turns.delete(group);
    return Math.max(0, turn - now);
  }

  /** A turn took so many milliseconds. */
  took(ms: number): void {
    this.#gap = Math.min(MOST, Math.max(LEAST, 2 * ms));
  }
}
