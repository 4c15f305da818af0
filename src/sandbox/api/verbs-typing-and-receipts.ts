import { z } from "zod";
import { HttpError } from "../http/http-error.ts";
import { type NamedChat, namedChat, receiptChat } from "./named-chat.ts";
import { type Verb, type VerbContext, verb } from "./verb.ts";

const to = z.string().min(1);
const messageId = z.string().min(1).max(128);

/** The chat of a message that is read: the one that the caller names, or else the one it is in. */
function chatOf(context: VerbContext, named: string | undefined, target: string): NamedChat {
  if (named !== undefined) return receiptChat(context, named);
  const { person, groups } = context;
  const chat = person.parts.inboxes.senderOf(person.id, target) ?? 0;
  const to = chat < 0 ? groups.table.byId(-chat)?.jid : person.parts.accounts.get(chat)?.sub;
  if (to === undefined) {
    throw new HttpError(
      404,
      "no-such-message",
      "This phone has no such message; say `to` when it is still to come.",
    );
  }
  return receiptChat(context, to);
}

async function receipt(
  { person }: VerbContext,
  chat: NamedChat,
  target: string,
  type: "read" | "played",
): Promise<void> {
  const { inboxes, states } = person.parts;
  if (!states.of(person.row.network).features.receipts) {
    throw new HttpError(409, "feature-off", "Receipts are switched off on this network.");
  }
  const item = { ...chat.own(target), kind: "receipt" as const, target, receipt: type };
  await chat.receipt(target, type, () => inboxes.addOwn(person.id, chat.chat, item));
}

/** Verbs for typing, and for having read or played a message. */
export const typingAndReceiptVerbs: Readonly<Record<string, Verb>> = {
  types: verb(
    z.strictObject({ to, on: z.boolean(), voice: z.boolean().optional() }),
    async (context, { to, on, voice = false }) => {
      const { person } = context;
      const chat = namedChat(context, to);
      if (!person.parts.states.of(person.row.network).features.typing) {
        throw new HttpError(409, "feature-off", "Typing is switched off on this network.");
      }
      await person.inLane(async () => chat.types(on, voice));
      return {};
    },
  ),
  reads: verb(z.strictObject({ to: to.optional(), target: messageId }), async (context, { to, target }) => {
    await receipt(context, chatOf(context, to, target), target, "read");
    return {};
  }),
  plays: verb(z.strictObject({ to: to.optional(), target: messageId }), async (context, { to, target }) => {
    await receipt(context, chatOf(context, to, target), target, "played");
    return {};
  }),
};
