import { node } from "../../networks/meta-interop/wire/node.ts";
import { occasion } from "../faults/fault-target.ts";
import type { AccountIdentities } from "../state/account-identities.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import type { Bundle } from "../state/held-prekeys.ts";
import { notificationLetter } from "../state/outgoing-stanzas.ts";
import type { PersonParts } from "./person-parts.ts";

const low = 20;

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
