import type { Db } from "./database.ts";

/** Identity keys that integrators' users uploaded. `set` and `forget` are to be called inside a commit. */
export function accountIdentities(db: Db) {
  type Row = { registration: number | null; identity: Uint8Array | null };
  const get = db.prepare<[number], Row>("SELECT registration, identity FROM account WHERE id = ?");
  const set = db.prepare("UPDATE account SET registration = ?, identity = ? WHERE id = ?");
  return {
    get(account: number): { readonly registration: number; readonly identity: Uint8Array } | undefined {
      const row = get.get(account);
      if (row === undefined || row.identity === null || row.registration === null) return undefined;
      return { registration: row.registration, identity: row.identity };
    },
    set: (account: number, registration: number, identity: Uint8Array): void =>
      void set.run(registration, identity, account),
    forget: (account: number): void => void set.run(null, null, account),
  };
}
export type AccountIdentities = ReturnType<typeof accountIdentities>;
