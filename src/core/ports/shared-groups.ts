import type { PortalKey, RemoteEvent } from "../model/events.ts";
import type { MessageId } from "../model/ids.ts";

/** Something that happened in a group, as a login that has the group's room has it. */
export interface GroupEvent extends PortalKey {
  /** By whom the others know who did it. */
  readonly sender: string;
  readonly id: MessageId;
  readonly kind: RemoteEvent["kind"];
}

/**
 * Groups that several people's logins are in: one room shows all that comes to any of them. Of one person's logins each
 * has a room of its own, shared with others' at most.
 */
export interface SharedGroupReads {
  /** Whether the login's room shows it, or is about to. */
  has(event: GroupEvent): Promise<boolean>;
}
export interface SharedGroupWrites {
  /** To all logins that have the room; `at` in milliseconds since the epoch. */
  shown(event: GroupEvent, at: number): void;
  /**
   * To the other logins of a group's room a message is what it is to this one, with its edits, its reactions and its
   * deletion. Nothing for a chat between two.
   */
  share(key: PortalKey, id: MessageId): void;
  /** A login that comes into a room which others are in has its newest messages as they do. */
  adopt(key: PortalKey): void;
}
