import type { UserId } from "../model/ids.ts";

/** Who did something on the network, as the room shows it. */
export interface Actor {
  /** In a sentence; `You` for our own person. */
  readonly name: string;
  /** A ghost, or our person themself. */
  readonly user: UserId;
  /** Our person, on another device of theirs. */
  readonly own: boolean;
}
