import { BridgeError } from "../../core/model/errors.ts";
import type { ChatId, MessageId, PersonId } from "../../core/model/ids.ts";
import type { NewMessage } from "../../core/ports/network.ts";
import { isGroup } from "./wire/groups.ts";
import { formatJid, parseJid } from "./wire/jid.ts";

/** The only place that makes and parses this network's ids: a contact and the chat with them are the contact's JID. */

/** The JID without device, which is also the Signal address; undefined where it is not a person's. */
export function personOf(jid: string | undefined, server: string): PersonId | undefined {
  const parsed = jid === undefined ? undefined : parseJid(jid);
  if (parsed?.kind !== "user" || parsed.server !== server) return undefined;
  return formatJid({ ...parsed, device: 0 }) as PersonId;
}

/**
 * A member of a group: as {@link personOf}, or a third-party user. Another login of this bridge has the same id as a
 * member that it has as ours.
 */
export function memberOf(jid: string | undefined, server: string): PersonId | undefined {
  return personOf(jid, server) ?? (ownAddress(jid ?? "") as PersonId | undefined);
}

/** The chat of a group; undefined where it is not the address of one. */
export function groupOf(jid: string | undefined): ChatId | undefined {
  return jid !== undefined && isGroup(jid) ? (jid as ChatId) : undefined;
}

/** The chat between two with that person. */
export function chatWith(person: PersonId): ChatId {
  return contactJid(person) as ChatId;
}

/** Whom a chat between two is with. Throws BridgeError for any other chat. */
export function personIn(chat: ChatId): PersonId {
  return contactJid(chat) as PersonId;
}

function contactJid(id: PersonId | ChatId): string {
  const parsed = parseJid(id);
  if (parsed && !isGroup(id)) return formatJid({ ...parsed, device: 0 });
  throw new BridgeError("internal", { words: "This chat is not one between two people.", certain: true });
}

/** The id of a message of ours, as phones make theirs: upper case and digits. */
export function newMessageId({ row }: Pick<NewMessage, "row">): MessageId {
  return messageId(row.replaceAll("-", "").toUpperCase());
}

/** The id of a message as its stanza has it; unique per sender. */
export function messageId(id: string): MessageId {
  return id as MessageId;
}

/** Our own JID as libsignal's address: without device. */
export function ownAddress(jid: string): string | undefined {
  const parsed = parseJid(jid);
  return parsed?.kind === "interop" ? formatJid({ ...parsed, device: 0 }) : undefined;
}
