import type { Db } from "./database.ts";

/** `ec` and `kyber` are handed out once; `signed` and `last` (the last-resort Kyber key) stay until replaced. */
export type PrekeyKind = "ec" | "kyber" | "signed" | "last";

export interface PublicPrekey {
  readonly kind: PrekeyKind;
  readonly id: number;
  readonly value: Uint8Array;
  /** Absent for `ec`. */
  readonly signature: Uint8Array | null;
}

/** What a sender needs to start a session (Signal PQXDH). Curve keys are raw 32 bytes. */
export interface Bundle {
  readonly registration: number;
  readonly identity: Uint8Array;
  readonly signed: PublicPrekey;
  readonly kyber: PublicPrekey;
  readonly ec?: PublicPrekey | undefined;
}

export interface PrekeyCount {
  readonly ec: number;
  readonly kyber: number;
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Prekeys that the gatekeeper holds, by the owner's JID. All but `count` are to be called inside a commit. */
export function heldPrekeys(db: Db) {
  const find = db.prepare<
    [string, string, number],
    { value: Uint8Array; given: number; connection: string | null }
  >("SELECT value, given, connection FROM held_prekey WHERE owner = ? AND kind = ? AND id = ?");
  const insert = db.prepare(
    "INSERT INTO held_prekey (owner, kind, id, value, signature, connection) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const next = db.prepare<[string, string], PublicPrekey>(
    "SELECT kind, id, value, signature FROM held_prekey WHERE owner = ? AND kind = ? AND given = 0 ORDER BY id LIMIT 1",
  );
  const latest = db.prepare<[string, string], PublicPrekey>(
    "SELECT kind, id, value, signature FROM held_prekey WHERE owner = ? AND kind = ? ORDER BY rowid DESC LIMIT 1",
  );
  // A key that was handed out stays, so that its id is not accepted again for another key.
  const markGiven = db.prepare("UPDATE held_prekey SET given = 1 WHERE owner = ? AND kind = ? AND id = ?");
  const forget = db.prepare("DELETE FROM held_prekey WHERE owner = ?");
  const rename = db.prepare("UPDATE held_prekey SET owner = ? WHERE owner = ?");
  const count = db.prepare<[string, string], { n: number }>(
    "SELECT count(*) AS n FROM held_prekey WHERE owner = ? AND kind = ? AND given = 0",
  );

  function takeOne(owner: string, kind: "ec" | "kyber"): PublicPrekey | undefined {
    const key = next.get(owner, kind);
    if (key !== undefined) markGiven.run(owner, kind, key.id);
    return key;
  }

  return {
    /**
     * Keeps one key. The same key sent again over a later connection is the repetition of an upload whose answer was
     * lost and changes nothing; any other second use of an id is refused.
     * @returns whether it was accepted.
     */
    put(owner: string, key: PublicPrekey, connection: string | null): boolean {
      const existing = find.get(owner, key.kind, key.id);
      if (existing === undefined) {
        insert.run(owner, key.kind, key.id, key.value, key.signature, connection);
        return true;
      }
      const lasting = key.kind === "signed" || key.kind === "last";
      return sameBytes(existing.value, key.value) && (lasting || existing.connection !== connection);
    },
    /** Keys for a bundle, whose one-time keys are marked as given; undefined while the lasting ones are missing. */
    handOut(owner: string, exhausted: boolean): Pick<Bundle, "signed" | "kyber" | "ec"> | undefined {
      const signed = latest.get(owner, "signed");
      const last = latest.get(owner, "last");
      const kyber = exhausted ? last : (takeOne(owner, "kyber") ?? last);
      if (signed === undefined || kyber === undefined) return undefined;
      return { signed, kyber, ec: exhausted ? undefined : takeOne(owner, "ec") };
    },
    count: (owner: string): PrekeyCount => ({
      ec: count.get(owner, "ec")?.n ?? 0,
      kyber: count.get(owner, "kyber")?.n ?? 0,
    }),
    /** To be called when the owner's address has changed. */
    rename: (from: string, to: string): void => void rename.run(to, from),
    forget: (owner: string): void => void forget.run(owner),
  };
}
export type HeldPrekeys = ReturnType<typeof heldPrekeys>;
