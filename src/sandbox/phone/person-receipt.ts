import { child, children, type Node } from "../../networks/meta-interop/wire/node.ts";
import { failureName } from "../logger.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import { readBundle, readUint } from "../state/bundle-stanza.ts";
import type { Bundle } from "../state/held-prekeys.ts";
import type { SentRef } from "../state/message-tables.ts";
import type { Person } from "./person.ts";
import { fromUser } from "./person-receive.ts";
import { sendAgain } from "./person-send.ts";

/** What a receipt of a type is called on a phone. */
export const shownReceipts: Readonly<Record<string, string>> = {
  "": "delivered",
  read: "read",
  played: "played",
};

/** All message ids of a receipt: its own and those of its list. */
export function idsOf(stanza: Node): readonly string[] {
  const list = child(stanza, "list");
  const more = list === undefined ? [] : children(list, "item").map(({ attrs }) => attrs["id"] ?? "");
  return [...new Set([stanza.attrs["id"] ?? "", ...more])];
}

/** The messages a receipt is for; undefined for each that this person never sent. */
export function sentRefsOf(person: Person, account: Account, stanza: Node): readonly (SentRef | undefined)[] {
  return idsOf(stanza).map((id) => person.parts.messages.sentRef(account.id, id, person.id));
}

/** Adds a receipt to the phone's inbox. Call it inside a commit, and `announce` the inbox after it. */
export function showReceipt(person: Person, account: Account, stanza: Node): void {
  const receipt = shownReceipts[stanza.attrs["type"] ?? ""];
  for (const message of sentRefsOf(person, account, stanza)) {
    // Messages of a load run are only counted: nobody reads the inboxes of its people.
    if (message === undefined || message.load !== null) continue;
    const item = { ...fromUser(account, message.id), kind: "receipt" as const, target: message.id, receipt };
    person.parts.inboxes.add(person.id, account.id, item);
  }
}

/** The keys a retry receipt brings, if it brings any. */
export function retryBundle(stanza: Node): Bundle | "malformed" | undefined {
  const keys = child(stanza, "keys");
  if (keys === undefined) return undefined;
  const registration = readUint(child(stanza, "registration"), 4);
  return (registration === undefined ? undefined : readBundle(keys, registration)) ?? "malformed";
}

/** Sends the message that a retry receipt asks for. Call it in the person's lane. */
export async function answerRetry(person: Person, account: Account, stanza: Node): Promise<void> {
  const { log, violations } = person.parts;
  const { id = "" } = stanza.attrs;
  const violation = { network: account.network, user: accountJid(account), id };
  const bundle = retryBundle(stanza);
  try {
    if (bundle !== "malformed" && (await sendAgain(person, account, id, bundle))) return;
    const words = "a retry receipt for a message that cannot be sent again";
    violations.add({ ...violation, kind: "unknown-receipt", words });
  } catch (cause) {
    log.warn("a retry was not answered", { person: person.id, id, failure: failureName(cause) });
    const words = "a retry receipt with keys that make no session";
    violations.add({ ...violation, kind: "bad-prekey", words });
  }
}
