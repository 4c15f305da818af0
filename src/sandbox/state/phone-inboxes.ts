import type { Db } from "./database.ts";

/** An item on a phone, as the control API answers it; further fields depend on its kind. */
export interface InboxItem {
  readonly id: string;
  readonly kind:
    | "text"
    | "image"
    | "voice"
    | "video"
    | "gif"
    | "file"
    | "location"
    | "contact"
    | "reaction"
    | "edit"
    | "delete"
    | "typing"
    | "receipt"
    | "undecryptable"
    | "group"
    | "unknown";
  /** Visible id of whoever did it: an integrator's user, or in a group any member. */
  readonly from: string;
  readonly from_name: string;
  /** Visible id of the integrator's user, or the group. */
  readonly chat: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The phone dropped it, having it already. */
  readonly repeat?: true;
  readonly [field: string]: unknown;
}

interface InboxRow {
  readonly seq: number;
  readonly item: string;
}

const mostItems = 10_000;

const parsed = ({ seq, item }: InboxRow): Record<string, unknown> => ({
  seq,
  ...(JSON.parse(item) as object),
});

/**
 * The items on each person's phone, in order of arrival; a reader may wait for the next. An account that is negative
 * stands for a group.
 */
export function phoneInboxes(db: Db) {
  const insert = db.prepare(
    "INSERT INTO inbox (person, account, id, kind, item, own) VALUES (?, ?, ?, ?, ?, 0 + ?)",
  );
  const after = db.prepare<[string, number, number], InboxRow>(
    "SELECT seq, item FROM inbox WHERE person = +? AND seq > +? AND own = 0 ORDER BY seq LIMIT 0 + ?",
  );
  const journal = db.prepare<[string, number, number], InboxRow>(
    "SELECT seq, item FROM inbox WHERE person = +? AND seq > +? ORDER BY seq LIMIT 0 + ?",
  );
  const newest = db.prepare<[string, number], InboxRow>(
    "SELECT seq, item FROM inbox WHERE person = +? ORDER BY seq DESC LIMIT 0 + ?",
  );
  const shown = db.prepare<[string, string, number], InboxRow & { kind: string }>(
    `SELECT seq, kind, item FROM inbox WHERE person = +? AND id = +? AND account = +?
     AND own = 0 AND kind NOT IN ('receipt', 'undecryptable') ORDER BY seq LIMIT 1`,
  );
  const owner = db.prepare<[string, string], { account: number }>(
    "SELECT account FROM inbox WHERE person = ? AND id = ? AND own = 0 AND kind <> 'receipt' ORDER BY seq DESC LIMIT 1",
  );
  const idsShown = db
    .prepare<[string], string>(
      "SELECT id FROM inbox WHERE person = ? AND own = 0 AND kind NOT IN ('receipt', 'undecryptable')",
    )
    .pluck();
  /** Message ids on each phone, read once a person. An id of a failed commit may be among them; none is missing. */
  const shownIds = new Map<string, Set<string>>();
  function shownIdsOf(person: string): Set<string> {
    const ids = shownIds.get(person) ?? new Set(idsShown.all(person));
    shownIds.set(person, ids);
    return ids;
  }
  const waiters = new Map<string, Set<() => void>>();

  return {
    /** To be called inside a commit; `announce` after it. */
    add(person: string, account: number, item: InboxItem): void {
      const { id, kind } = item;
      insert.run(person, account, id, kind, JSON.stringify(item), 0);
      if (kind !== "receipt" && kind !== "undecryptable") shownIds.get(person)?.add(id);
    },
    /** Something that this person did on the phone. To be called inside a commit. */
    addOwn(person: string, account: number, item: InboxItem): void {
      insert.run(person, account, item.id, item.kind, JSON.stringify({ ...item, own: true }), 1);
    },
    announce(person: string): void {
      const waiting = waiters.get(person);
      if (waiting === undefined) return;
      for (const wake of waiting) wake();
    },
    read(person: string, since: number): readonly Record<string, unknown>[] {
      return after.all(person, since, mostItems).map(parsed);
    },
    /** What came and what the person did, in order; `own: true` marks the latter. */
    journal: (person: string, since: number): readonly Record<string, unknown>[] =>
      journal.all(person, since, mostItems).map(parsed),
    /** The end of the journal, at most this many items. */
    newest: (person: string, most: number): readonly Record<string, unknown>[] =>
      newest.all(person, most).map(parsed).toReversed(),
    /** What the phone already shows under this message id. */
    shown(person: string, account: number, id: string): InboxItem | undefined {
      if (!shownIdsOf(person).has(id)) return undefined;
      const row = shown.get(person, id, account);
      return row === undefined ? undefined : (JSON.parse(row.item) as InboxItem);
    },
    /** The account whose message has this id. */
    senderOf: (person: string, id: string): number | undefined => owner.get(person, id)?.account,
    /** Resolves when something new may be there, after `ms`, or when the reader has gone. */
    changed(person: string, ms: number, signal: AbortSignal): Promise<void> {
      return new Promise((resolve) => {
        const waiting = waiters.get(person) ?? new Set();
        waiters.set(person, waiting);
        const wake = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, ms);
        signal.addEventListener("abort", wake);
        waiting.add(wake);
        if (signal.aborted) wake();
      });
    },
    /** Answers every waiting reader, at the end of the process. */
    close(): void {
      for (const waiting of waiters.values()) for (const wake of waiting) wake();
    },
  };
}
export type PhoneInboxes = ReturnType<typeof phoneInboxes>;
