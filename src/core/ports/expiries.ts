import type { PortalKey } from "../model/events.ts";
import type { LoginId, MessageId, PersonId } from "../model/ids.ts";

/** A message that disappears. */
export interface Expiring extends PortalKey {
  readonly id: MessageId;
  /** Undefined for what our own person wrote. */
  readonly sender: PersonId | undefined;
  /** How long it is there, once that counts. */
  readonly seconds: number;
  /** Milliseconds since the epoch; undefined until its receiver has read it. */
  readonly due: number | undefined;
}

export interface ExpiryReads {
  /** Those of a login that are due by then, the earliest first. */
  due(login: LoginId, by: number, limit: number): Promise<readonly Expiring[]>;
  /** When the login's next one is due. */
  next(login: LoginId): Promise<number | undefined>;
  /** The logins with messages that are, or will be, due. */
  lanes(): Promise<readonly LoginId[]>;
  /** Whether a message disappears. */
  has(key: PortalKey, id: MessageId): Promise<boolean>;
  /** Whether a contact's message in the chat disappears once it is read. */
  awaitsReading(key: PortalKey): Promise<boolean>;
}
type ReadUpTo =
  /** Among what was sent to rooms; see `MessageReads.placeOf`. */
  | { readonly place: number }
  /** When they were written, in milliseconds since the epoch. */
  | { readonly writtenBy: number };

export interface ExpiryWrites {
  /** Stores that a message disappears; a repeat changes nothing. */
  add(expiring: Expiring): void;
  /** Our person has read, at that time, those of contacts' messages in the room that are up to this place, or time. */
  read(key: PortalKey, upTo: ReadUpTo, at: number): void;
  /** All of a login's are due at once. */
  hurry(login: LoginId, at: number): void;
  /** Forgets a message that is gone. */
  remove(message: Pick<Expiring, "login" | "chat" | "id" | "sender">): void;
}
