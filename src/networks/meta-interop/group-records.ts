import type { Role } from "../../core/model/groups.ts";
import type { ChatId, LoginId, PersonId } from "../../core/model/ids.ts";
import type { FamilyKey } from "../../core/ports/family-store.ts";

/** What the gatekeeper said of a group, beside its members. */
export interface GroupAbout {
  readonly subject: string;
  /** Empty where there is none. */
  readonly description: string;
  /** For `openMedia`; empty where there is none. */
  readonly avatar: string;
  /** Whether only admins write in it. */
  readonly announcement: boolean;
  /** Whether only admins change it. */
  readonly locked: boolean;
}

export interface StoredGroup extends GroupAbout {
  /** When the gatekeeper last described it whole, milliseconds since the epoch. */
  readonly at: number;
  /** The UUID of our sender key's distribution; undefined where the next message makes a new key. */
  readonly distribution: string | undefined;
}

/** A member by their JID, our own person included, or somebody who was one. */
export interface StoredMember {
  readonly person: PersonId;
  readonly role: Role;
  readonly name: string | undefined;
  /** When they left, milliseconds since the epoch; undefined for a member. */
  readonly leftAt: number | undefined;
  /** The distribution whose key they were given. */
  readonly holds: string | undefined;
  /** Whether it was said that they cannot be given a key. */
  readonly said: boolean;
}

export interface InteropGroupReads {
  group(login: LoginId, chat: ChatId): Promise<StoredGroup | undefined>;
  /** In the order of their JIDs, with those who left: all, or so many behind a JID. */
  members(
    login: LoginId,
    chat: ChatId,
    page?: { readonly after: PersonId | undefined; readonly most: number },
  ): Promise<readonly StoredMember[]>;
  /** One of them. */
  member(login: LoginId, chat: ChatId, person: PersonId): Promise<StoredMember | undefined>;
  /** The groups with this person for which there is a sender key of ours: our person wrote there. */
  writtenWith(login: LoginId, person: PersonId): Promise<readonly ChatId[]>;
  /** The group for which a member gave us the sender key of a distribution. */
  groupOfKey(login: LoginId, person: PersonId, distribution: string): Promise<ChatId | undefined>;
}

export interface InteropGroupWrites {
  /** `at`: where the gatekeeper described it whole; else it stays. */
  setGroup(login: LoginId, chat: ChatId, about: GroupAbout, at?: number): void;
  /** Undefined: the next message makes a new key. */
  setDistribution(login: LoginId, chat: ChatId, distribution: string | undefined): void;
  /** Who joins anew has no key of ours. A name that is undefined stays. */
  setMember(login: LoginId, chat: ChatId, member: Pick<StoredMember, "person" | "role" | "name">): void;
  setLeft(login: LoginId, chat: ChatId, person: PersonId, at: number): void;
  setHolds(login: LoginId, chat: ChatId, person: PersonId, distribution: string): void;
  setSaid(login: LoginId, chat: ChatId, person: PersonId): void;
  /** The first group for which a distribution was given stays. */
  addKey(login: LoginId, person: PersonId, distribution: string, chat: ChatId): void;
  /** In all groups with this person the next message makes a new key. */
  renewKeysWith(login: LoginId, person: PersonId): void;
}

export const interopGroups: FamilyKey<InteropGroupReads, InteropGroupWrites> = { family: "interop-groups" };
