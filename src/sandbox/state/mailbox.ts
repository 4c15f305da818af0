import type { Db } from "./database.ts";

/** What is acknowledged by the bridge one by one and kept until then. */
export type LetterClass = "message" | "receipt" | "notification" | "call";

export interface Letter {
  readonly account: number;
  readonly class: LetterClass;
  readonly id: string;
  /** JID of the person it comes from, or the server's name. */
  readonly peer: string;
  /** The stanza's `type`, empty where it has none. */
  readonly type: string;
  /** The encoded stanza. */
  readonly stanza: Uint8Array;
  /** The load run it belongs to. */
  readonly load?: number | null;
}
export interface StoredLetter extends Letter {
  readonly seq: number;
}

/**
 * Store and forward: letters to integrators' users, in order. Writing functions are to be called inside a commit.
 *
 * Here and in the inboxes hot queries say `+?`: where SQLite's plan looked at a bare parameter's value, the statement
 * is compiled again at each run, which costs more than the run.
 */
export function mailboxTable(db: Db) {
  const insert = db.prepare(
    "INSERT INTO mailbox (account, class, id, peer, type, stanza, load) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const after = db.prepare<[number, number, number], StoredLetter>(
    "SELECT * FROM mailbox WHERE account = +? AND seq > +? ORDER BY seq LIMIT 0 + ?",
  );
  const last = db.prepare<[number], { seq: number | null; n: number }>(
    "SELECT max(seq) AS seq, count(*) AS n FROM mailbox WHERE account = ?",
  );
  const same = db.prepare<[number, string], StoredLetter>(
    "SELECT * FROM mailbox WHERE account = ? AND id = ? ORDER BY seq",
  );
  const drop = db.prepare("DELETE FROM mailbox WHERE seq = ?");
  const dropAll = db.prepare("DELETE FROM mailbox WHERE account = ?");
  const owners = db.prepare<[], { account: number }>("SELECT DISTINCT account FROM mailbox");
  const pending = db.prepare<[number, string, string], { n: number }>(
    "SELECT count(*) AS n FROM mailbox WHERE account = ? AND class = ? AND type = ?",
  );
  return {
    post(letter: Letter): void {
      const { account, id, peer, type, stanza } = letter;
      insert.run(account, letter.class, id, peer, type, stanza, letter.load ?? null);
    },
    after: (account: number, seq: number, limit: number): readonly StoredLetter[] =>
      after.all(account, seq, limit),
    last: (account: number) => ({ seq: last.get(account)?.seq ?? 0, count: last.get(account)?.n ?? 0 }),
    byId: (account: number, id: string): readonly StoredLetter[] => same.all(account, id),
    drop: (seq: number): void => void drop.run(seq),
    dropAll: (account: number): void => void dropAll.run(account),
    owners: (): readonly number[] => owners.all().map(({ account }) => account),
    waiting: (account: number, letterClass: LetterClass, type: string): number =>
      pending.get(account, letterClass, type)?.n ?? 0,
  };
}
export type Mailbox = ReturnType<typeof mailboxTable>;
