import type { PortalKey, RemoteEvent } from "../model/events.ts";
import type { ChatId, MessageId, NetworkId } from "../model/ids.ts";

/** Something that happened in a group, whichever login it came to. */
export interface GroupEvent {
  readonly network: NetworkId;
  readonly chat: ChatId;
  /** By whom the others know who did it. */
  readonly sender: string;
  readonly id: MessageId;
  readonly kind: RemoteEvent["kind"];
}

/** Groups that several logins are in: one room shows all that comes to any of them. */
export interface SharedGroupReads {
  /** Whether the room shows it, or is about to. */
  has(event: GroupEvent): Promise<boolean>;
}
export interface SharedGroupWrites {
  /** Milliseconds since the epoch. */
  shown(event: GroupEvent, at: number): void;
  /**
   * To the other logins of a group's room a message is what it is to this one, with its edits, its reactions and its
   * deletion. Nothing for a chat between two.
   */
  share(key: PortalKey, id: MessageId): void;
  /** A login that comes into a room which others are in has its newest messages as they do. */
  adopt(key: PortalKey): void;
}
