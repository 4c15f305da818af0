import { z } from "zod";
import { HttpError } from "../http/http-error.ts";
import { byPerson } from "../phone/own-item.ts";
import type { Person } from "../phone/person.ts";
import type { Account } from "../state/accounts.ts";
import { receiptStanza } from "../state/outgoing-stanzas.ts";
import { addressee, correspondent, type Verb, verb } from "./verb.ts";

const to = z.string().min(1);
const messageId = z.string().min(1).max(128);

/** Whose message a receipt is for: the account that the caller names, or else the one in the inbox. */
function author(person: Person, named: string | undefined, target: string): Account {
  if (named !== undefined) return addressee(person, named);
  const id = person.parts.inboxes.senderOf(person.id, target);
  const account = id === undefined ? undefined : person.parts.accounts.get(id);
  if (account === undefined) {
    throw new HttpError(
      404,
      "no-such-message",
      "This phone has no such message; say `to` when it is still to come.",
    );
  }
  return account;
}

async function receipt(
  person: Person,
  account: Account,
  target: string,
  type: "read" | "played",
): Promise<void> {
  const { commits, inboxes, mailbox, serverTime, wake, states } = person.parts;
  if (!states.of(person.row.network).features.receipts) {
    throw new HttpError(409, "feature-off", "Receipts are switched off on this network.");
  }
  const stanza = receiptStanza({
    account: account.id,
    id: target,
    from: person.row.jid,
    type,
    at: serverTime(),
  });
  const item = { ...byPerson(person, account, target), kind: "receipt" as const, target, receipt: type };
  await person.inLane(() =>
    commits.commit(() => {
      mailbox.post(stanza);
      inboxes.addOwn(person.id, account.id, item);
    }),
  );
  wake(account.id);
}

/** Verbs for typing, and for having read or played a message. */
export const typingAndReceiptVerbs: Readonly<Record<string, Verb>> = {
  types: verb(
    z.strictObject({ to, on: z.boolean(), voice: z.boolean().optional() }),
    async ({ person, typing }, { to, on, voice = false }) => {
      const account = correspondent(person, to);
      if (!person.parts.states.of(person.row.network).features.typing) {
        throw new HttpError(409, "feature-off", "Typing is switched off on this network.");
      }
      await person.inLane(async () => typing.send(person, account, on, voice));
      return {};
    },
  ),
  reads: verb(
    z.strictObject({ to: to.optional(), target: messageId }),
    async ({ person }, { to, target }) => {
      await receipt(person, author(person, to, target), target, "read");
      return {};
    },
  ),
  plays: verb(
    z.strictObject({ to: to.optional(), target: messageId }),
    async ({ person }, { to, target }) => {
      await receipt(person, author(person, to, target), target, "played");
      return {};
    },
  ),
};
