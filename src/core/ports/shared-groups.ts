import type { PortalKey, RemoteEvent } from "../model/events.ts";
import type { MessageId } from "../model/ids.ts";

/** An event of a group, as a login that shares the room has it. */
export interface GroupEvent extends PortalKey {
  /** The id by which other members know the sender. */
  readonly sender: string;
  readonly id: MessageId;
  readonly kind: RemoteEvent["kind"];
}

/**
 * Groups with logins of several people: one room shows what comes to any of them. A person's logins in one group have a
 * room each, shared with others' at most.
 */
export interface SharedGroupReads {
  /** Whether the login's room shows it, or is about to. */
  has(event: GroupEvent): Promise<boolean>;
}
export interface SharedGroupWrites {
  /** Stores that the room shows the event, for all logins that share it; `at` in milliseconds since the epoch. */
  shown(event: GroupEvent, at: number): void;
  /**
   * Gives the other logins of a group's room this message as this login has it, with its edits, reactions and deletion.
   * Does nothing for a direct chat.
   */
  share(key: PortalKey, id: MessageId): void;
  /** Gives a login that comes into a shared room its newest messages as the others have them. */
  adopt(key: PortalKey): void;
}
