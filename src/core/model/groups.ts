import type { PersonId, UserId } from "./ids.ts";

/** A member's role in a group on the network, from the least to the most. */
export type Role = "member" | "admin" | "owner";

/** A change that our person makes to a group; `timer` to a chat of two as well. */
export type GroupChange =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "topic"; readonly topic: string }
  /** `uri`: `mxc://` of the picture; empty where it was removed. */
  | { readonly kind: "avatar"; readonly uri: string }
  /** `name`: what the person is called here, for words. `user`: whom of our own people it is, where it is one. */
  | { readonly kind: "add"; readonly person: PersonId; readonly name: string; readonly user?: UserId }
  | { readonly kind: "remove"; readonly person: PersonId; readonly name: string }
  | {
      readonly kind: "role";
      readonly person: PersonId;
      readonly name: string;
      readonly role: Role;
      readonly user?: UserId;
    }
  /** The least role that may do it from then on. */
  | { readonly kind: "permission"; readonly what: keyof GroupPermissions; readonly role: Role }
  /** How many seconds after they are read messages disappear; 0 for never. */
  | { readonly kind: "timer"; readonly seconds: number }
  | { readonly kind: "leave" };

/** The least roles that may write in a group, and change its name, topic, picture and members. */
export interface GroupPermissions {
  readonly writes: Role;
  readonly changes: Role;
}

/** A group as the network describes it. */
export interface GroupInfo {
  readonly kind: "group";
  /** Empty where the network has none. */
  readonly name: string;
  readonly topic?: string;
  /** The reference of the picture for `openMedia`; another picture has another one. */
  readonly avatar?: string;
  /** All members, our own person included. */
  readonly members: readonly GroupMember[];
  /** Our person's id to the other members, by which their messages come to another login. */
  readonly self?: PersonId;
  /** Who may write in it and change it; every member where it is absent. */
  readonly permissions?: GroupPermissions;
  /** Whether our person was invited and has yet to accept; they are no member then. */
  readonly isRequest?: boolean;
  /** Who invited them, where the network says. */
  readonly invitedBy?: PersonId;
}

export interface NewGroup {
  /** Unique to the group. */
  readonly key: string;
  readonly name: string;
  readonly people: readonly PersonId[];
}

interface GroupMember {
  /** Undefined for our own person. */
  readonly person: PersonId | undefined;
  readonly role: Role;
  readonly name?: string;
}
