import { z } from "zod";
import { pad } from "../../networks/meta-interop/wire/padding.ts";
import { encodePlaintext } from "../../networks/meta-interop/wire/plaintext.ts";
import type { MessageRef, Plaintext, Quoted } from "../../networks/meta-interop/wire/plaintext-kinds.ts";
import { jidOf } from "../groups/group-member.ts";
import type { Draft } from "../phone/person-send.ts";
import { accountJid } from "../state/accounts.ts";
import { stanzaId } from "../state/outgoing-stanzas.ts";
import { somebodyNamed } from "./group-named.ts";
import { type NamedChat, namedChat } from "./named-chat.ts";
import { type Verb, type VerbContext, verb } from "./verb.ts";

const messageId = z.string().min(1).max(128);
const to = z.string().min(1);

/** Encrypts a message of this person and puts it into the mailboxes of the chat's users. */
export async function send(
  { person }: VerbContext,
  chat: NamedChat,
  id: string,
  plaintext: Plaintext,
  type: Draft["type"],
  also: () => void = () => undefined,
): Promise<{ id: string }> {
  const padded = pad(encodePlaintext(person.row.network, plaintext));
  await chat.send({ id, plaintext: padded, type }, plaintext, also);
  return { id };
}

function refTo({ person }: VerbContext, chat: NamedChat, id: string): MessageRef {
  const author = chat.author(id);
  const fromMe = author === person.row.jid;
  const inGroup = chat.chat < 0 && author !== undefined ? { participant: author } : {};
  return { id, fromMe, chat: chat.jid, ...inGroup };
}

/** A reference to the person's own message, also to one that they send later. */
const refToOwn = (chat: NamedChat, id: string): MessageRef => ({ id, fromMe: true, chat: chat.jid });

/** The quotation of the message that a person answers, with its text where it has one. */
export function quote({ person }: VerbContext, chat: NamedChat, id: string): Quoted {
  const shown = person.parts.inboxes.shown(person.id, chat.chat, id);
  const text = shown?.["text"];
  const sender = chat.author(id);
  return {
    id,
    ...(sender === undefined ? {} : { sender }),
    ...(typeof text === "string" ? { content: { kind: "text" as const, text } } : {}),
  };
}

/** JIDs of those whom a text mentions: users by visible id, and in a group its other members. */
function mentioned({ person, groups }: VerbContext, chat: NamedChat, names: readonly string[]): string[] {
  return names.map((who) => {
    if (chat.chat < 0) return jidOf(somebodyNamed(groups, person, who));
    const user = person.parts.accounts.resolve(person.row.network, who);
    return user === undefined ? who : accountJid(user);
  });
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
      const chat = namedChat(context, to);
      const named = mentions && mentioned(context, chat, mentions);
      const plaintext: Plaintext = {
        kind: "text",
        text,
        ...(target === undefined ? {} : { quoted: quote(context, chat, target) }),
        ...(named === undefined ? {} : { mentions: named }),
      };
      return send(context, chat, id, plaintext, "text");
    },
  ),
  reacts: verb(
    z.strictObject({ to, id: messageId.optional(), target: messageId, emoji: z.string().max(64) }),
    async (context, { to, id = stanzaId(), target, emoji }) => {
      const chat = namedChat(context, to);
      const ref = refTo(context, chat, target);
      return send(context, chat, id, { kind: "reaction", target: ref, emoji, at: Date.now() }, "reaction");
    },
  ),
  edits: verb(
    z.strictObject({ to, id: messageId.optional(), target: messageId, text: z.string() }),
    async (context, { to, id = stanzaId(), target, text }) => {
      const chat = namedChat(context, to);
      // A phone edits only its own messages, also one that it sends later.
      const ref = refToOwn(chat, target);
      return send(context, chat, id, { kind: "edit", target: ref, text, at: Date.now() }, "text");
    },
  ),
  deletes: verb(
    z.strictObject({ to, id: messageId.optional(), target: messageId }),
    async (context, { to, id = stanzaId(), target }) => {
      const chat = namedChat(context, to);
      // In a group an admin deletes what others wrote.
      const others = chat.chat < 0 && chat.author(target) !== undefined;
      const ref = others ? refTo(context, chat, target) : refToOwn(chat, target);
      return send(context, chat, id, { kind: "revoke", target: ref }, "text");
    },
  ),
};
