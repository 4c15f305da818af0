import type { Db } from "./database.ts";

/** The stanzas that the bridge acknowledges one by one, each stored until then. */
export type StanzaClass = "message" | "receipt" | "notification" | "call";

export interface OutgoingStanza {
  readonly account: number;
  readonly class: StanzaClass;
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
export interface StoredStanza extends OutgoingStanza {
  readonly seq: number;
}

/**
 * The stanzas that wait for integrators' users, in order. Writing functions are to be called inside a commit.
 *
 * Frequent queries here and in phone-inboxes.ts say `+?`: SQLite compiles a statement again at each run when its plan
 * depends on a parameter's value, which costs more than the run.
 */
export function mailboxTable(db: Db) {
  const insert = db.prepare(
    "INSERT INTO mailbox (account, class, id, peer, type, stanza, load) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const after = db.prepare<[number, number, number], StoredStanza>(
    "SELECT * FROM mailbox WHERE account = +? AND seq > +? ORDER BY seq LIMIT 0 + ?",
  );
  const last = db.prepare<[number], { seq: number | null; n: number }>(
    "SELECT max(seq) AS seq, count(*) AS n FROM mailbox WHERE account = ?",
  );
  const same = db.prepare<[number, string], StoredStanza>(
    "SELECT * FROM mailbox WHERE account = ? AND id = ? ORDER BY seq",
  );
  const drop = db.prepare("DELETE FROM mailbox WHERE seq = ?");
  const dropAll = db.prepare("DELETE FROM mailbox WHERE account = ?");
  const owners = db.prepare<[], { account: number }>("SELECT DISTINCT account FROM mailbox");
  const pending = db.prepare<[number, string, string], { n: number }>(
    "SELECT count(*) AS n FROM mailbox WHERE account = ? AND class = ? AND type = ?",
  );
  return {
    post(outgoing: OutgoingStanza): void {
      const { account, id, peer, type, stanza } = outgoing;
      insert.run(account, outgoing.class, id, peer, type, stanza, outgoing.load ?? null);
    },
    after: (account: number, seq: number, limit: number): readonly StoredStanza[] =>
      after.all(account, seq, limit),
    last: (account: number) => ({ seq: last.get(account)?.seq ?? 0, count: last.get(account)?.n ?? 0 }),
    byId: (account: number, id: string): readonly StoredStanza[] => same.all(account, id),
    drop: (seq: number): void => void drop.run(seq),
    dropAll: (account: number): void => void dropAll.run(account),
    owners: (): readonly number[] => owners.all().map(({ account }) => account),
    waiting: (account: number, stanzaClass: StanzaClass, type: string): number =>
      pending.get(account, stanzaClass, type)?.n ?? 0,
  };
}
export type Mailbox = ReturnType<typeof mailboxTable>;
