import type { Db } from "./database.ts";

/** A message a person sent, kept with its plaintext for retry receipts. */
export interface SentMessage {
  readonly person: string;
  readonly account: number;
  readonly id: string;
  /** Server time of the message in microseconds; receipts repeat it. */
  readonly sts: number;
  /** Empty once the phone it was sent from is another. */
  readonly plaintext: Uint8Array;
  /** The stanza's type. */
  readonly type: string;
  readonly retries: number;
  readonly delivered: number;
  readonly load: number | null;
}

/** What a receipt is checked against. */
export type SentMark = Pick<SentMessage, "id" | "sts" | "load">;

/** A message or receipt for a person whose phone is off. */
export interface WaitingStanza {
  readonly seq: number;
  readonly account: number;
  readonly stanza: Uint8Array;
}

/** What persons sent, what waits for them, whom they know and block. Writes are to be called inside a commit. */
export function messageTables(db: Db) {
  const sent = db.prepare<[number, string, string], SentMessage>(
    "SELECT * FROM sent WHERE account = ? AND id = ? AND person = ?",
  );
  const mark = db.prepare<[number, string, string], SentMark>(
    "SELECT id, sts, load FROM sent WHERE account = ? AND id = ? AND person = ?",
  );
  const putSent = db.prepare(
    `INSERT OR REPLACE INTO sent (person, account, id, sts, plaintext, type, load) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const lastSts = db.prepare<[], { sts: number | null }>("SELECT max(sts) AS sts FROM sent");
  const retried = db.prepare(
    "UPDATE sent SET retries = retries + 1 WHERE account = ? AND id = ? AND person = ?",
  );
  const delivered = db.prepare(
    "UPDATE sent SET delivered = 1 WHERE account = ? AND id = ? AND person = ? AND delivered = 0",
  );
  const emptySent = db.prepare("UPDATE sent SET plaintext = x'' WHERE person = ?");
  const attempts = db.prepare<[string, number, string], { attempts: number }>(
    "SELECT attempts FROM undecrypted WHERE person = ? AND account = ? AND id = ?",
  );
  const failed = db.prepare(
    `INSERT INTO undecrypted (person, account, id, attempts) VALUES (?, ?, ?, 1)
     ON CONFLICT DO UPDATE SET attempts = attempts + 1`,
  );
  const wait = db.prepare("INSERT INTO waiting (person, account, stanza) VALUES (?, ?, ?)");
  const waiting = db.prepare<[string], WaitingStanza>(
    "SELECT * FROM waiting WHERE person = ? ORDER BY seq LIMIT 100",
  );
  const served = db.prepare("DELETE FROM waiting WHERE seq = ?");
  const relate = db.prepare("INSERT OR IGNORE INTO relation (person, account) VALUES (?, ?)");
  /** Spares the write for those who know each other. */
  const acquainted = new Set<string>();
  const related = db.prepare<[string], { account: number }>("SELECT account FROM relation WHERE person = ?");
  const block = db.prepare("INSERT OR IGNORE INTO block (person, account, by) VALUES (?, ?, ?)");
  const unblock = db.prepare("DELETE FROM block WHERE person = ? AND account = ? AND by = ?");
  const blocked = db.prepare<[string, number, string]>(
    "SELECT 1 FROM block WHERE person = ? AND account = ? AND by = ?",
  );
  /** Spares the question about those nobody has blocked. Forgotten before a block is written, so never wrong. */
  const free = new Set<string>();
  const forgetAccount = ["sent", "undecrypted", "waiting", "relation", "block"].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE account = ?`),
  );
  return {
    sent: (account: number, id: string, person: string): SentMessage | undefined =>
      sent.get(account, id, person),
    /** As `sent`, without the text. */
    mark: (account: number, id: string, person: string): SentMark | undefined =>
      mark.get(account, id, person),
    putSent(message: Omit<SentMessage, "retries" | "delivered">): void {
      const { person, account, id, sts, plaintext, type, load } = message;
      putSent.run(person, account, id, sts, plaintext, type, load);
    },
    /** The latest server time given out. */
    lastSts: (): number => lastSts.get()?.sts ?? 0,
    retried: (account: number, id: string, person: string): void => void retried.run(account, id, person),
    /** Whether this is the first time. */
    delivered: (account: number, id: string, person: string): boolean =>
      delivered.run(account, id, person).changes === 1,
    /** The phone no longer has what was sent from it; that it was sent, and when, stays true. */
    emptySent: (person: string): void => void emptySent.run(person),
    attempts: (person: string, account: number, id: string): number =>
      attempts.get(person, account, id)?.attempts ?? 0,
    failed: (person: string, account: number, id: string): void => void failed.run(person, account, id),
    wait: (person: string, account: number, stanza: Uint8Array): void =>
      void wait.run(person, account, stanza),
    waiting: (person: string): readonly WaitingStanza[] => waiting.all(person),
    served: (seq: number): void => void served.run(seq),
    relate(person: string, account: number): void {
      const key = `${account} ${person}`;
      if (!acquainted.has(key)) relate.run(person, account);
      acquainted.add(key);
    },
    related: (person: string): readonly number[] => related.all(person).map(({ account }) => account),
    block(person: string, account: number, by: "person" | "user"): void {
      free.delete(`${account} ${by} ${person}`);
      block.run(person, account, by);
    },
    unblock: (person: string, account: number, by: "person" | "user"): void =>
      void unblock.run(person, account, by),
    blocked(person: string, account: number, by: "person" | "user"): boolean {
      const key = `${account} ${by} ${person}`;
      if (free.has(key)) return false;
      if (blocked.get(person, account, by) !== undefined) return true;
      // What a transaction still may take back is not remembered.
      if (!db.inTransaction) free.add(key);
      return false;
    },
    forgetAccount(account: number): void {
      acquainted.clear();
      for (const statement of forgetAccount) statement.run(account);
    },
  };
}
export type MessageTables = ReturnType<typeof messageTables>;
