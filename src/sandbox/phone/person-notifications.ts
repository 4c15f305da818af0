import { node } from "../../networks/meta-interop/wire/node.ts";
import { notificationStanza } from "../state/outgoing-stanzas.ts";
import type { ProfilePicture } from "../state/person-table.ts";
import type { Person } from "./person.ts";
import { pictureNode } from "./profile-picture.ts";

type PersonChange =
  | { readonly tag: "opt_in" | "blocked" | "unblocked" }
  /** As in a look-up: third-party chats off, or the app not chosen. */
  | { readonly tag: "opt_out"; readonly reason?: "off" | "app" | "gone" }
  | { readonly tag: "profile"; readonly name: string; readonly picture?: ProfilePicture | null };

/**
 * Tells accounts about a person's change. Call `post` inside the commit that makes the change, `wake` after it.
 * @param jid the address that has changed, when it is not the person's present one.
 */
export function notifyAbout(
  person: Person,
  accounts: readonly number[],
  change: PersonChange,
  jid = person.row.jid,
) {
  const { mailbox, serverTime, wake } = person.parts;
  const { network } = person.row;
  const more = {
    display_name: "name" in change ? change.name : undefined,
    reason: "reason" in change ? change.reason : undefined,
  };
  const { picture } = "picture" in change ? change : {};
  const content = picture === undefined ? [] : [pictureNode(picture)];
  return {
    post(): void {
      for (const account of accounts) {
        const child = node(change.tag, { jid, ...more }, content);
        mailbox.post(notificationStanza({ account, network, type: "w:interop", at: serverTime(), child }));
      }
    },
    wake(): void {
      for (const account of accounts) wake(account);
    },
  };
}

/** The active accounts that have met a person, by message or look-up, and whose app is among these. */
export function relatedAccounts(person: Person, apps?: readonly number[]): readonly number[] {
  const { messages, accounts } = person.parts;
  return messages.related(person.id).filter((id) => {
    const account = accounts.get(id);
    return account?.state === "active" && (apps === undefined || apps.includes(account.integrator));
  });
}
