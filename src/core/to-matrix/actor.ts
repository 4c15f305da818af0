import type { PersonId, UserId } from "../model/ids.ts";

/** Who did something on the network, as the room shows it. */
export interface Actor {
  /** In a sentence; `You` for our own person. */
  readonly name: string;
  /** Undefined for our own person. */
  readonly person: PersonId | undefined;
  /** A ghost, or our person themself. */
  readonly user: UserId;
  /** Our person, on another device of theirs. */
  readonly own: boolean;
}
