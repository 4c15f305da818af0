import { node } from "../../networks/meta-interop/wire/node.ts";
import { notificationLetter } from "../state/outgoing-stanzas.ts";
import type { Person } from "./person.ts";

type News =
  | { readonly tag: "opt_in" | "blocked" | "unblocked" }
  /** As in a look-up: third-party chats off, or the app not chosen. */
  | { readonly tag: "opt_out"; readonly reason?: "off" | "app" | "gone" }
  | { readonly tag: "profile"; readonly name: string };

/**
 * Tells integrators' users about a person. `post` goes inside the commit that makes it true, `wake` after it.
 * @param jid the address it is about, when that is not the present one.
 */
export function tell(person: Person, accounts: readonly number[], news: News, jid = person.row.jid) {
  const { mailbox, serverTime, wake } = person.parts;
  const { network } = person.row;
  const more = {
    display_name: "name" in news ? news.name : undefined,
    reason: "reason" in news ? news.reason : undefined,
  };
  return {
    post(): void {
      for (const account of accounts) {
        const child = node(news.tag, { jid, ...more });
        mailbox.post(notificationLetter({ account, network, type: "w:interop", at: serverTime(), child }));
      }
    },
    wake(): void {
      for (const account of accounts) wake(account);
    },
  };
}

/** The users who have had to do with a person and whose app is among these. */
export function acquainted(person: Person, apps?: readonly number[]): readonly number[] {
  const { messages, accounts } = person.parts;
  return messages.related(person.id).filter((id) => {
    const account = accounts.get(id);
    return account?.state === "active" && (apps === undefined || apps.includes(account.integrator));
  });
}
