/** Milliseconds a kind of request may fail for everybody before each of them is judged by itself. */
const PATIENCE = 600_000;
/** Subjects remembered of a kind. */
const MOST = 1000;
const SHORTEST_WAIT = 500;
const LONGEST_WAIT = 5000;

interface Failing {
  /** Place of its first failure among all that happened. */
  readonly order: number;
  readonly since: number;
  readonly last: number;
}

interface Kind {
  readonly failing: Map<string, Failing>;
  /** Place of its last success. */
  worked: number;
}

/**
 * Parts of a homeserver that are away while the rest works: a worker that is restarted, the store of files. A kind of
 * request that fails for several subjects (rooms, users, files) and has succeeded for none since is such a part's.
 */
export class PartialOutages {
  readonly #kinds = new Map<string, Kind>();
  #order = 0;

  /** A request succeeded, which was given this. */
  worked(name: string, given: readonly unknown[]): void {
    const kind = this.#kinds.get(name);
    if (kind === undefined) return;
    kind.failing.delete(subjectOf(given));
    kind.worked = ++this.#order;
    if (kind.failing.size === 0) this.#kinds.delete(name);
  }

  /** A request failed at the time `now`. The milliseconds to wait, where its kind fails for everybody. */
  failed(name: string, given: readonly unknown[], now: number): number | undefined {
    const kind = this.#kinds.get(name) ?? { failing: new Map<string, Failing>(), worked: 0 };
    this.#kinds.set(name, kind);
    const { failing, worked } = kind;
    const subject = subjectOf(given);
    const { order, since } = failing.get(subject) ?? { order: ++this.#order, since: now };
    failing.set(subject, { order, since, last: now });
    const [oldest] = failing.keys();
    if (failing.size > MOST && oldest !== undefined) failing.delete(oldest);
    if (order < worked || !isRecent(since, now)) return undefined;
    const together = Array.from(failing.values()).filter(
      (other) => other.order > worked && isRecent(other.last, now),
    );
    if (together.length < 2) return undefined;
    return Math.max(SHORTEST_WAIT, Math.min(LONGEST_WAIT, (now - since) / 2));
  }
}

const isRecent = (then: number, now: number): boolean => Math.abs(now - then) < PATIENCE;

/** What a request is about: the room where there is one. */
function subjectOf(given: readonly unknown[]): string {
  const texts = given.flatMap((one) => {
    if (typeof one === "string") return [one];
    if (typeof one !== "object" || one === null) return [];
    return Object.entries(one).flatMap(([name, value]) =>
      (name === "room" || name === "key") && typeof value === "string" ? [value] : [],
    );
  });
  return texts.find((text) => text.startsWith("!")) ?? texts[0] ?? "";
}
