import { node } from "../../networks/meta-interop/wire/node.ts";
import { faultTarget } from "../faults/fault-target.ts";
import type { AccountIdentities } from "../state/account-identities.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import type { Bundle } from "../state/held-prekeys.ts";
import { notificationStanza } from "../state/outgoing-stanzas.ts";
import type { PersonParts } from "./person-parts.ts";

const low = 20;

export type PrekeyServer = ReturnType<typeof prekeyServer>;

/** Gives persons the key bundles of integrators' users, and tells the owner when one-time keys run low. */
export function prekeyServer(
  parts: Pick<PersonParts, "commits" | "heldPrekeys" | "mailbox" | "faults" | "serverTime" | "wake">,
  identities: AccountIdentities,
) {
  const { commits, heldPrekeys, mailbox, faults } = parts;

  function warnWhenLow(account: Account): boolean {
    const { ec, kyber } = heldPrekeys.count(accountJid(account));
    if (ec >= low && kyber >= low) return false;
    if (mailbox.waiting(account.id, "notification", "encrypt") > 0) return false;
    const count = node("count", { value: String(ec), kyber: String(kyber) });
    const { id, network } = account;
    mailbox.post(
      notificationStanza({ account: id, network, type: "encrypt", at: parts.serverTime(), child: count }),
    );
    return true;
  }

  return {
    /** A bundle of the account's keys; undefined while it has uploaded none. */
    async bundleOf(account: Account, person: readonly string[]): Promise<Bundle | undefined> {
      const owner = accountJid(account);
      const target = faultTarget(account, "to_bridge", "message", person);
      const exhausted = faults.hit(["prekeys-exhausted"], target) !== undefined;
      const { bundle, warned } = await commits.commit(() => {
        const identity = identities.get(account.id);
        const keys = heldPrekeys.handOut(owner, exhausted);
        const bundle = identity === undefined || keys === undefined ? undefined : { ...identity, ...keys };
        return { bundle, warned: bundle !== undefined && warnWhenLow(account) };
      });
      if (warned) parts.wake(account.id);
      return bundle;
    },
  };
}
