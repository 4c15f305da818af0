import type { Db } from "./database.ts";

export type SecretKind = "ec" | "signed" | "kyber" | "last";

/** Sessions, identities and prekeys by person. Writing functions are to be called inside a commit. */
export function signalTables(db: Db) {
  type Row = { record: Uint8Array };
  const session = db.prepare<[string, string], Row>(
    "SELECT record FROM signal_session WHERE person = ? AND address = ?",
  );
  const saveSession = db.prepare(
    "INSERT OR REPLACE INTO signal_session (person, address, record) VALUES (?, ?, ?)",
  );
  const identity = db.prepare<[string, string], { key: Uint8Array }>(
    "SELECT key FROM signal_identity WHERE person = ? AND address = ?",
  );
  const saveIdentity = db.prepare(
    "INSERT OR REPLACE INTO signal_identity (person, address, key) VALUES (?, ?, ?)",
  );
  const prekey = db.prepare<[string, string, number], Row>(
    "SELECT record FROM signal_prekey WHERE person = ? AND kind = ? AND id = ?",
  );
  const savePrekey = db.prepare("INSERT INTO signal_prekey (person, kind, id, record) VALUES (?, ?, ?, ?)");
  const dropPrekey = db.prepare("DELETE FROM signal_prekey WHERE person = ? AND kind = ? AND id = ?");
  const used = db.prepare<[string, number, number, Uint8Array]>(
    "SELECT 1 FROM signal_kyber_used WHERE person = ? AND kyber = ? AND signed = ? AND base = ?",
  );
  const saveUsed = db.prepare(
    "INSERT INTO signal_kyber_used (person, kyber, signed, base) VALUES (?, ?, ?, ?)",
  );
  const senderKey = db.prepare<[string, string, string], Row>(
    "SELECT record FROM sender_key WHERE person = ? AND address = ? AND distribution = ?",
  );
  const saveSenderKey = db.prepare(
    "INSERT OR REPLACE INTO sender_key (person, address, distribution, record) VALUES (?, ?, ?, ?)",
  );
  const deletions = (tables: readonly string[]) =>
    tables.map((table) => db.prepare(`DELETE FROM ${table} WHERE person = ?`));
  const forget = deletions([
    "signal_session",
    "signal_identity",
    "signal_prekey",
    "signal_kyber_used",
    "sender_key",
    "own_sender_key",
    "own_key_holder",
  ]);
  const forgetSessions = deletions(["signal_session", "own_sender_key", "own_key_holder"]);
  return {
    session: (person: string, address: string): Uint8Array | undefined =>
      session.get(person, address)?.record,
    saveSession: (person: string, address: string, record: Uint8Array): void =>
      void saveSession.run(person, address, record),
    identity: (person: string, address: string): Uint8Array | undefined => identity.get(person, address)?.key,
    saveIdentity: (person: string, address: string, key: Uint8Array): void =>
      void saveIdentity.run(person, address, key),
    prekey: (person: string, kind: SecretKind, id: number): Uint8Array | undefined =>
      prekey.get(person, kind, id)?.record,
    savePrekey: (person: string, kind: SecretKind, id: number, record: Uint8Array): void =>
      void savePrekey.run(person, kind, id, record),
    dropPrekey: (person: string, kind: SecretKind, id: number): void => void dropPrekey.run(person, kind, id),
    kyberUsed: (person: string, kyber: number, signed: number, base: Uint8Array): boolean =>
      used.get(person, kyber, signed, base) !== undefined,
    saveKyberUsed: (person: string, kyber: number, signed: number, base: Uint8Array): void =>
      void saveUsed.run(person, kyber, signed, base),
    senderKey: (person: string, address: string, distribution: string): Uint8Array | undefined =>
      senderKey.get(person, address, distribution)?.record,
    saveSenderKey: (person: string, address: string, distribution: string, record: Uint8Array): void =>
      void saveSenderKey.run(person, address, distribution, record),
    /** Deletes the sessions of a person's old address, and the sender keys that they gave out under it. */
    forgetSessions(person: string): void {
      for (const statement of forgetSessions) statement.run(person);
    },
    /** Deletes a person's whole Signal state, for a new phone. */
    forget(person: string): void {
      for (const statement of forget) statement.run(person);
    },
  };
}
export type SignalTables = ReturnType<typeof signalTables>;
