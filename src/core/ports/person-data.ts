import type { LoginId, UserId } from "../model/ids.ts";

/** What is stored about a person of ours, by what it is; without keys, and without what stands for the bridge's work. */
export const personDataParts = [
  "networks",
  "chats",
  "earlier_rooms",
  "contacts",
  "messages",
  "edits",
  "reactions",
  "waiting_to_networks",
  "waiting_from_networks",
  "waiting_to_bridge",
  "failures",
  "hosted_files",
  "management_room",
  "choices",
] as const;
export type PersonDataPart = (typeof personDataParts)[number];

/** A row as it is told to its person. */
export type PersonDataRow = Readonly<Record<string, string | number | null>>;

export interface PersonDataReads {
  /** At most `limit` rows of a part behind the first `after`, in an order that stays. */
  page(user: UserId, part: PersonDataPart, after: number, limit: number): Promise<readonly PersonDataRow[]>;
  /** How many rows about these logins, or in a room of their person's, are still to be handled. */
  unfinished(user: UserId, logins: readonly LoginId[]): Promise<number>;
}

export interface PersonDataWrites {
  /**
   * Deletes all rows about these logins, and about their person where they are named, and with them which rooms were theirs. What is still queued for
   * their rooms goes unsent.
   */
  forget(user: UserId | undefined, logins: readonly LoginId[]): void;
}
