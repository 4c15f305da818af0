import { node } from "../../networks/meta-interop/wire/node.ts";
import { occasion } from "../faults/fault-target.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import type { Db } from "../state/database.ts";
import type { Bundle } from "../state/held-prekeys.ts";
import { notificationLetter } from "../state/outgoing-stanzas.ts";
import type { PersonParts } from "./person-parts.ts";

const low = 20;

/** Identity keys that integrators' users uploaded. Writing functions are to be called inside a commit. */
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

export type PrekeyDesk = ReturnType<typeof prekeyDesk>;

/** Hands out integrators' users' bundles to persons, and tells the owner when their one-time keys run low. */
export function prekeyDesk(
  parts: Pick<PersonParts, "commits" | "held" | "mailbox" | "faults" | "serverTime" | "wake">,
  identities: AccountIdentities,
) {
  const { commits, held, mailbox, faults } = parts;

  function warn(account: Account): boolean {
    const { ec, kyber } = held.count(accountJid(account));
    if (ec >= low && kyber >= low) return false;
    if (mailbox.waiting(account.id, "notification", "encrypt") > 0) return false;
    const count = node("count", { value: String(ec), kyber: String(kyber) });
    const { id, network } = account;
    mailbox.post(
      notificationLetter({ account: id, network, type: "encrypt", at: parts.serverTime(), child: count }),
    );
    return true;
  }

  return {
    /** Undefined while the user has uploaded no keys. */
    async take(account: Account, person: readonly string[]): Promise<Bundle | undefined> {
      const owner = accountJid(account);
      const begun = occasion(account, "to_bridge", "message", person);
      const exhausted = faults.take(["prekeys-exhausted"], begun) !== undefined;
      const { bundle, warned } = await commits.commit(() => {
        const known = identities.get(account.id);
        const keys = held.take(owner, exhausted);
        const bundle = known === undefined || keys === undefined ? undefined : { ...known, ...keys };
        return { bundle, warned: bundle !== undefined && warn(account) };
      });
      if (warned) parts.wake(account.id);
      return bundle;
    },
  };
}
