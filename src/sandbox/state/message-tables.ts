import type { Db } from "./database.ts";

/** A message a person sent, kept with its plaintext for retry receipts. */
export interface SentMessage {
  readonly person: string;
  readonly account: number;
  readonly id: string;
  /** Server time of the message in microseconds; receipts repeat it. */
  readonly sts: number;
  /** Empty once the person has a new phone. */
  readonly plaintext: Uint8Array;
  /** The stanza's type. */
  readonly type: string;
  readonly retries: number;
  readonly delivered: number;
  readonly load: number | null;
}

/** A sent message without its text, to check a receipt against. */
export type SentRef = Pick<SentMessage, "id" | "sts" | "load">;

/** A message or receipt for a person whose phone is off. */
export interface WaitingStanza {
  readonly seq: number;
  readonly account: number;
  readonly stanza: Uint8Array;
}

/** Messages that persons sent, stanzas that wait for them, accounts they met or block. Writes are to be called inside a commit. */
export function messageTables(db: Db) {
  const sent = db.prepare<[number, string, string], SentMessage>(
    "SELECT * FROM sent WHERE account = ? AND id = ? AND person = ?",
  );
  const sentRef = db.prepare<[number, string, string], SentRef>(
    "SELECT id, sts, load FROM sent WHERE account = ? AND id = ? AND person = ?",
  );
  const putSent = db.prepare(
    `INSERT OR REPLACE INTO sent (person, account, id, sts, plaintext, type, load) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const lastSts = db.prepare<[], { sts: number | null }>("SELECT max(sts) AS sts FROM sent");
  const countRetry = db.prepare(
    "UPDATE sent SET retries = retries + 1 WHERE account = ? AND id = ? AND person = ?",
  );
  const markDelivered = db.prepare(
    "UPDATE sent SET delivered = 1 WHERE account = ? AND id = ? AND person = ? AND delivered = 0",
  );
  const emptySent = db.prepare("UPDATE sent SET plaintext = x'' WHERE person = ?");
  const attempts = db.prepare<[string, number, string], { attempts: number }>(
    "SELECT attempts FROM undecrypted WHERE person = ? AND account = ? AND id = ?",
  );
  const countAttempt = db.prepare(
    `INSERT INTO undecrypted (person, account, id, attempts) VALUES (?, ?, ?, 1)
     ON CONFLICT DO UPDATE SET attempts = attempts + 1`,
  );
  const addWaiting = db.prepare("INSERT INTO waiting (person, account, stanza) VALUES (?, ?, ?)");
  const waiting = db.prepare<[string], WaitingStanza>(
    "SELECT * FROM waiting WHERE person = ? ORDER BY seq LIMIT 100",
  );
  const isWaiting = db.prepare<[string]>("SELECT 1 FROM waiting WHERE person = ? LIMIT 1");
  const removeWaiting = db.prepare("DELETE FROM waiting WHERE seq = ?");
  const relate = db.prepare("INSERT OR IGNORE INTO relation (person, account) VALUES (?, ?)");
  /** The relations that are stored already, so that `relate` does not write them again. */
  const relatedAccounts = new Set<string>();
  const related = db.prepare<[string], { account: number }>("SELECT account FROM relation WHERE person = ?");
  const block = db.prepare("INSERT OR IGNORE INTO block (person, account, by) VALUES (?, ?, ?)");
  const unblock = db.prepare("DELETE FROM block WHERE person = ? AND account = ? AND by = ?");
  const blocked = db.prepare<[string, number, string]>(
    "SELECT 1 FROM block WHERE person = ? AND account = ? AND by = ?",
  );
  /** Pairs for which the table holds no block; a pair leaves the set before its block is written. */
  const notBlocked = new Set<string>();
  const forgetAccount = ["sent", "undecrypted", "waiting", "relation", "block"].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE account = ?`),
  );
  return {
    sent: (account: number, id: string, person: string): SentMessage | undefined =>
      sent.get(account, id, person),
    /** The sent message without its text. */
    sentRef: (account: number, id: string, person: string): SentRef | undefined =>
      sentRef.get(account, id, person),
    putSent(message: Omit<SentMessage, "retries" | "delivered">): void {
      const { person, account, id, sts, plaintext, type, load } = message;
      putSent.run(person, account, id, sts, plaintext, type, load);
    },
    /** The latest server time given out. */
    lastSts: (): number => lastSts.get()?.sts ?? 0,
    countRetry: (account: number, id: string, person: string): void =>
      void countRetry.run(account, id, person),
    /** Marks a message as delivered; answers whether it was not before. */
    markDelivered: (account: number, id: string, person: string): boolean =>
      markDelivered.run(account, id, person).changes === 1,
    /** Deletes the texts of a person's sent messages; ids and times stay, for receipts. */
    emptySent: (person: string): void => void emptySent.run(person),
    attempts: (person: string, account: number, id: string): number =>
      attempts.get(person, account, id)?.attempts ?? 0,
    countAttempt: (person: string, account: number, id: string): void =>
      void countAttempt.run(person, account, id),
    addWaiting: (person: string, account: number, stanza: Uint8Array): void =>
      void addWaiting.run(person, account, stanza),
    waiting: (person: string): readonly WaitingStanza[] => waiting.all(person),
    isWaiting: (person: string): boolean => isWaiting.get(person) !== undefined,
    removeWaiting: (seq: number): void => void removeWaiting.run(seq),
    relate(person: string, account: number): void {
      const key = `${account} ${person}`;
      if (!relatedAccounts.has(key)) relate.run(person, account);
      relatedAccounts.add(key);
    },
    related: (person: string): readonly number[] => related.all(person).map(({ account }) => account),
    block(person: string, account: number, by: "person" | "user"): void {
      notBlocked.delete(`${account} ${by} ${person}`);
      block.run(person, account, by);
    },
    unblock: (person: string, account: number, by: "person" | "user"): void =>
      void unblock.run(person, account, by),
    blocked(person: string, account: number, by: "person" | "user"): boolean {
      const key = `${account} ${by} ${person}`;
      if (notBlocked.has(key)) return false;
      if (blocked.get(person, account, by) !== undefined) return true;
      // A transaction may still roll back what this query has read, so its answer is not remembered.
      if (!db.inTransaction) notBlocked.add(key);
      return false;
    },
    forgetAccount(account: number): void {
      relatedAccounts.clear();
      for (const statement of forgetAccount) statement.run(account);
    },
  };
}
export type MessageTables = ReturnType<typeof messageTables>;
