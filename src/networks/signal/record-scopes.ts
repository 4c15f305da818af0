import type { ChatId, LoginId } from "../../core/model/ids.ts";

/** The connector's records of a login; they are removed with it, see RecordReads. */
export const loginScope = (login: LoginId): string => `login/${login}`;

/** The name, among them, of the device as which the phone was asked for what it knows: a new link asks anew. */
export const ASKED_PHONE = "asked-phone-as";

/** The name, among them, of the mark that the phone is to be asked once more. */
export const ASK_PHONE_AGAIN = "ask-phone-again";

/** Files of contacts that the phone sent and that are not read yet, by their references. */
export const phoneContactsScope = (login: LoginId): string => `login/${login}/phone-contacts`;

/** People who know our person by the phone number, and are told whose account it is. */
export const numberKnownScope = (login: LoginId): string => `login/${login}/number`;

/** How often each message was sent again, by contact and message. */
export const resentScope = (login: LoginId): string => `login/${login}/answers`;

/** Where the files of each message of ours are, by the message. */
export const filesScope = (login: LoginId): string => `login/${login}/uploads`;

/** The card that each message of ours is that was a file of one, by the message. */
export const cardsScope = (login: LoginId): string => `login/${login}/cards`;

/** What each of our person's answers answers, by the answer. */
export const answeredScope = (login: LoginId): string => `login/${login}/answered`;

/** By which edit each message was changed last, by the message. */
export const revisionsScope = (login: LoginId): string => `login/${login}/revisions`;

/** Groups of which their person was told that they cannot be read, by the chat. */
export const unreadableScope = (login: LoginId): string => `login/${login}/unreadable-groups`;

/** At which revision of a group it was said of whom that they ask to join it, by person. */
export const joinRequestScope = (login: LoginId, chat: ChatId): string =>
  `login/${login}/join-requests/${chat}`;
