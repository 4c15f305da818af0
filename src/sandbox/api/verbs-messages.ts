import { z } from "zod";
import { pad } from "../../networks/meta-interop/wire/padding.ts";
import { encodePlaintext } from "../../networks/meta-interop/wire/plaintext.ts";
import type { MessageRef, Plaintext, Quoted } from "../../networks/meta-interop/wire/plaintext-kinds.ts";
import { byPerson } from "../phone/own-item.ts";
import type { Person } from "../phone/person.ts";
import { type Draft, sendDraft } from "../phone/person-send.ts";
import { itemOf } from "../phone/plaintext-item.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import { stanzaId } from "../state/outgoing-stanzas.ts";
import { correspondent, type Verb, type VerbContext, verb } from "./verb.ts";

const messageId = z.string().min(1).max(128);
const to = z.string().min(1);

/** Encrypts a message of this person and puts it into the account's mailbox. */
export async function send(
  { person }: VerbContext,
  account: Account,
  id: string,
  plaintext: Plaintext,
  type: Draft["type"],
  also?: () => void,
): Promise<{ id: string }> {
  const padded = pad(encodePlaintext(person.row.network, plaintext));
  const shown = (): void => {
    also?.();
    person.parts.inboxes.addOwn(person.id, account.id, {
      ...itemOf(plaintext),
      ...byPerson(person, account, id),
    });
  };
  await person.inLane(() => sendDraft(person, account, { id, plaintext: padded, type }, shown));
  return { id };
}

/** Whether a message in this chat is the person's own. */
const isOwn = (person: Person, account: Account, id: string): boolean =>
  person.parts.messages.sentRef(account.id, id, person.id) !== undefined;

function refTo(person: Person, account: Account, id: string): MessageRef {
  return { id, fromMe: isOwn(person, account, id), chat: accountJid(account) };
}

/** The quotation of the message that a person answers, with its text where it has one. */
export function quote(person: Person, account: Account, id: string): Quoted {
  const shown = person.parts.inboxes.shown(person.id, account.id, id);
  const text = shown?.["text"];
  return {
    id,
    sender: isOwn(person, account, id) ? person.row.jid : accountJid(account),
    ...(typeof text === "string" ? { content: { kind: "text" as const, text } } : {}),
  };
}

/** Verbs that send an encrypted message; a caller may choose its `id`. */
export const messageVerbs: Readonly<Record<string, Verb>> = {
  says: verb(
    z.strictObject({
      to,
      id: messageId.optional(),
      text: z.string(),
      target: messageId.optional(),
      mentions: z.array(z.string()).optional(),
    }),
    async (context, { to, id = stanzaId(), text, target, mentions }) => {
      const account = correspondent(context.person, to);
      const named = mentions?.map((who) => {
        const mentioned = context.person.parts.accounts.resolve(context.person.row.network, who);
        return mentioned === undefined ? who : accountJid(mentioned);
      });
      const plaintext: Plaintext = {
        kind: "text",
        text,
        ...(target === undefined ? {} : { quoted: quote(context.person, account, target) }),
        ...(named === undefined ? {} : { mentions: named }),
      };
      return send(context, account, id, plaintext, "text");
    },
  ),
  reacts: verb(
    z.strictObject({ to, id: messageId.optional(), target: messageId, emoji: z.string().max(64) }),
    async (context, { to, id = stanzaId(), target, emoji }) => {
      const account = correspondent(context.person, to);
      const ref = refTo(context.person, account, target);
      return send(context, account, id, { kind: "reaction", target: ref, emoji, at: Date.now() }, "reaction");
    },
  ),
  edits: verb(
    z.strictObject({ to, id: messageId.optional(), target: messageId, text: z.string() }),
    async (context, { to, id = stanzaId(), target, text }) => {
      const account = correspondent(context.person, to);
      // A phone edits only its own messages, also one that it sends later.
      const ref: MessageRef = { id: target, fromMe: true, chat: accountJid(account) };
      return send(context, account, id, { kind: "edit", target: ref, text, at: Date.now() }, "text");
    },
  ),
  deletes: verb(
    z.strictObject({ to, id: messageId.optional(), target: messageId }),
    async (context, { to, id = stanzaId(), target }) => {
      const account = correspondent(context.person, to);
      const ref: MessageRef = { id: target, fromMe: true, chat: accountJid(account) };
      return send(context, account, id, { kind: "revoke", target: ref }, "text");
    },
  ),
};
