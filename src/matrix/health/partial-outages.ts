/** Milliseconds a kind of request may fail for all subjects; after that each failure counts as its request's own. */
const LONGEST_OUTAGE = 600_000;
/** The most subjects remembered of each kind of request. */
const MOST_SUBJECTS = 1000;
const SHORTEST_WAIT = 500;
const LONGEST_WAIT = 5000;

interface Failing {
  /** The number of its first failure among all successes and failures. */
  readonly order: number;
  readonly since: number;
  readonly last: number;
}

interface RequestKind {
  readonly failing: Map<string, Failing>;
  /** The number of its last success among all successes and failures. */
  succeeded: number;
}

/**
 * Recognises that a part of the homeserver is away while the rest works, as a worker that restarts or the file store:
 * one kind of request fails for several subjects (rooms, users, files) and has succeeded for none of them since.
 */
export class PartialOutages {
  readonly #kinds = new Map<string, RequestKind>();
  #order = 0;

  /** To be called when a request of this kind succeeded with these arguments. */
  succeeded(name: string, args: readonly unknown[]): void {
    const kind = this.#kinds.get(name);
    if (kind === undefined) return;
    kind.failing.delete(subjectOf(args));
    kind.succeeded = ++this.#order;
    if (kind.failing.size === 0) this.#kinds.delete(name);
  }

  /** To be called when a request failed at the time `now`; answers the milliseconds to wait in a partial outage. */
  failed(name: string, args: readonly unknown[], now: number): number | undefined {
    const kind = this.#kinds.get(name) ?? { failing: new Map<string, Failing>(), succeeded: 0 };
    this.#kinds.set(name, kind);
    const { failing, succeeded } = kind;
    const subject = subjectOf(args);
    const { order, since } = failing.get(subject) ?? { order: ++this.#order, since: now };
    failing.set(subject, { order, since, last: now });
    const [oldest] = failing.keys();
    if (failing.size > MOST_SUBJECTS && oldest !== undefined) failing.delete(oldest);
    if (order < succeeded || !isRecent(since, now)) return undefined;
    const together = Array.from(failing.values()).filter(
      (other) => other.order > succeeded && isRecent(other.last, now),
    );
    if (together.length < 2) return undefined;
    return Math.max(SHORTEST_WAIT, Math.min(LONGEST_WAIT, (now - since) / 2));
  }
}

const isRecent = (then: number, now: number): boolean => Math.abs(now - then) < LONGEST_OUTAGE;

/** What names a room that is made, a room or a file. */
const SUBJECTS: ReadonlySet<string> = new Set(["key", "room", "uri"]);

/** The subject of a request: the room among its arguments, else the first text. */
function subjectOf(args: readonly unknown[]): string {
  const texts = args.flatMap((one) => {
    if (typeof one === "string") return [one];
    if (typeof one !== "object" || one === null) return [];
    return Object.entries(one).flatMap(([name, value]) =>
      SUBJECTS.has(name) && typeof value === "string" ? [value] : [],
    );
  });
  return texts.find((text) => text.startsWith("!")) ?? texts[0] ?? "";
}
