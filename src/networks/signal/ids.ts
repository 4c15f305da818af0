import { BridgeError } from "../../core/model/errors.ts";
import type { ChatId, MessageId, NetworkId, PersonId } from "../../core/model/ids.ts";
import type { NewMessage } from "../../core/ports/network.ts";

/**
 * The only place that makes and parses this network's ids. A person is their service id, which has two kinds: an account
 * (ACI), and a phone number (PNI) whose account is not known.
 */

/** The network itself. */
export const SIGNAL = "signal" as NetworkId;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Of a person; a colon, as service ids have it, has no place in a Matrix id's localpart. */
const PNI = "pni.";
/** Of a service id as text. */
const SERVICE_PNI = "PNI:";
/** The latest time that a message can bear: JavaScript's last, in milliseconds. */
const LATEST = 8.64e15;

/** The person of a service id as text (`<uuid>` or `PNI:<uuid>`); undefined where it is none. */
export function personOf(serviceId: string | undefined): PersonId | undefined {
  if (serviceId === undefined) return undefined;
  const isPni = serviceId.startsWith(SERVICE_PNI);
  const uuid = (isPni ? serviceId.slice(SERVICE_PNI.length) : serviceId).toLowerCase();
  if (!UUID.test(uuid)) return undefined;
  return `${isPni ? PNI : ""}${uuid}` as PersonId;
}

/** The service id of a person as text, by which Signal and libsignal's addresses name them. */
export function serviceIdOf(person: PersonId): string {
  return person.startsWith(PNI) ? `${SERVICE_PNI}${person.slice(PNI.length)}` : person;
}

/** Whether a person is only a phone number so far. */
export const isNumberOnly = (person: PersonId): boolean => person.startsWith(PNI);

/** The chat between two with that person; with our own ACI it is the note to self. */
export const chatWith = (person: PersonId): ChatId => person as string as ChatId;

/** Whom a chat between two is with. Throws BridgeError for any other chat. */
export function personIn(chat: ChatId): PersonId {
  const person = personOf(chat.startsWith(PNI) ? `${SERVICE_PNI}${chat.slice(PNI.length)}` : chat);
  if (person !== undefined) return person;
  throw new BridgeError("internal", { words: "This chat is not one between two people.", certain: true });
}

/** Before the group's own id, in base64url. */
const GROUP = "group.";
/** Bytes of a group's id. */
export const GROUP_ID = 32;

/** The chat of a group, by the id that follows from its master key and does not tell it. */
export const groupChat = (id: Uint8Array): ChatId =>
  `${GROUP}${Buffer.from(id).toString("base64url")}` as ChatId;

export const isGroupChat = (chat: ChatId): boolean => chat.startsWith(GROUP);

/** The group's id, 32 bytes; undefined for any other chat. */
export function groupIdIn(chat: ChatId): Uint8Array<ArrayBuffer> | undefined {
  if (!isGroupChat(chat)) return undefined;
  const id = Uint8Array.from(Buffer.from(chat.slice(GROUP.length), "base64url"));
  return id.length === GROUP_ID && groupChat(id) === chat ? id : undefined;
}

/** A message is named by who wrote it and when: milliseconds since the epoch, by its author's clock. */
export interface MessageName {
  readonly author: PersonId;
  readonly timestamp: number;
}

export const messageIdOf = ({ author, timestamp }: MessageName): MessageId =>
  `${author}/${timestamp}` as MessageId;

/** Undefined for what {@link messageIdOf} did not make. */
export function messageNameOf(id: MessageId): MessageName | undefined {
  const [author = "", digits = "", ...rest] = id.split("/");
  const person = personOf(author.startsWith(PNI) ? `${SERVICE_PNI}${author.slice(PNI.length)}` : author);
  const timestamp = Number(digits);
  if (person === undefined || rest.length > 0 || !/^\d{1,16}$/.test(digits) || timestamp > LATEST)
    return undefined;
  return { author: person, timestamp };
}

/** The id of a message of ours: its time, moved where the login has a message of that time already. */
export const newMessageId = (own: PersonId, { at, taken }: Pick<NewMessage, "at" | "taken">): MessageId =>
  messageIdOf({ author: own, timestamp: at + taken });
