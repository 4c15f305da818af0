import { child, children, type Node } from "../../networks/meta-interop/wire/node.ts";
import { failureName } from "../logger.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import { readBundle, readUint } from "../state/bundle-stanza.ts";
import type { Bundle } from "../state/held-prekeys.ts";
import type { SentMark } from "../state/message-tables.ts";
import type { Person } from "./person.ts";
import { fromUser } from "./person-receive.ts";
import { sendAgain } from "./person-send.ts";

const shown: Readonly<Record<string, string>> = { "": "delivered", read: "read", played: "played" };

/** All message ids of a receipt: its own and those of its list. */
export function idsOf(stanza: Node): readonly string[] {
  const list = child(stanza, "list");
  const more = list === undefined ? [] : children(list, "item").map(({ attrs }) => attrs["id"] ?? "");
  return [...new Set([stanza.attrs["id"] ?? "", ...more])];
}

/** What a receipt is for, as far as this person sent it. */
export function marksOf(person: Person, account: Account, stanza: Node): readonly (SentMark | undefined)[] {
  return idsOf(stanza).map((id) => person.parts.messages.mark(account.id, id, person.id));
}

/** The phone shows a receipt; `announce` its inbox after the commit this is called in. */
export function showReceipt(person: Person, account: Account, stanza: Node): void {
  const receipt = shown[stanza.attrs["type"] ?? ""];
  for (const message of marksOf(person, account, stanza)) {
    // The crowd of a load run is counted, nobody reads its phones.
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

/** Sends what a retry receipt asks for. In the person's lane. */
export async function answerRetry(person: Person, account: Account, stanza: Node): Promise<void> {
  const { log, violations } = person.parts;
  const { id = "" } = stanza.attrs;
  const breach = { network: account.network, user: accountJid(account), id };
  const bundle = retryBundle(stanza);
  try {
    if (bundle !== "malformed" && (await sendAgain(person, account, id, bundle))) return;
    const words = "a retry receipt for a message that cannot be sent again";
    violations.add({ ...breach, kind: "unknown-receipt", words });
  } catch (cause) {
    log.warn("a retry was not answered", { person: person.id, id, failure: failureName(cause) });
    const words = "a retry receipt with keys that make no session";
    violations.add({ ...breach, kind: "bad-prekey", words });
  }
}
