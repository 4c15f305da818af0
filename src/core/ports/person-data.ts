import type { LoginId, UserId } from "../model/ids.ts";

/** What is stored about a person of ours, by what it is; without keys, and without what stands for the bridge's work. */
export const personDataParts = [
  "networks",
  "chats",
  "chat_choices",
  "chat_timers",
  "earlier_rooms",
  "contacts",
  "former_ids",
  "address_book",
  "stored_groups",
  "group_members",
  "messages",
  "edits",
  "reactions",
  "waiting_to_networks",
  "waiting_from_networks",
  "waiting_in_groups",
  "waiting_to_bridge",
  "failures",
  "hosted_files",
  "management_room",
  "choices",
] as const;
export type PersonDataPart = (typeof personDataParts)[number];

/** What a person chose, or is asked, about a chat: the scopes of these records are `login/<id>/<choice>`. */
export const chatChoices = [
  "muted",
  "quiet",
  "ignored",
  "request",
  "request-answer",
  "call-notices",
  "story-notices",
] as const;

/** A row as it is told to its person. */
export type PersonDataRow = Readonly<Record<string, string | number | null>>;

export interface PersonDataPage {
  readonly rows: readonly PersonDataRow[];
  /** Where the next page begins; undefined behind the last. */
  readonly next: { readonly owner: string; readonly keys: string | undefined } | undefined;
}

export interface PersonDataReads {
  /** At most `limit` rows of a part, in an order that stays; from the beginning, or where the page before says. */
  page(
    user: UserId,
    part: PersonDataPart,
    after: PersonDataPage["next"],
    limit: number,
  ): Promise<PersonDataPage>;
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
