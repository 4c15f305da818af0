import {
  descriptionIn,
  descriptionNode,
  type GroupMemberNode,
  participantNode,
  participantsIn,
} from "./groups.ts";
import { type Node, node, text } from "./node.ts";

const MEMBER_ACTIONS = ["add", "remove", "promote", "demote"] as const;

/** One change of a group: the child of `<iq xmlns="w:g2" type="set">`, and of `<notification type="w:gp2">`. */
export type GroupChangeNode =
  | {
      readonly kind: "members";
      readonly action: (typeof MEMBER_ACTIONS)[number];
      readonly members: readonly GroupMemberNode[];
    }
  | { readonly kind: "subject"; readonly subject: string }
  /** Empty where it is removed. */
  | { readonly kind: "description"; readonly description: string }
  /** `<picture/>` as in profiles: without attributes where it is removed. */
  | { readonly kind: "picture"; readonly picture: Node }
  /** Whether only admins write in the group. */
  | { readonly kind: "announcement"; readonly on: boolean }
  /** Whether only admins change the group. */
  | { readonly kind: "locked"; readonly on: boolean };

export function groupChangeNode(change: GroupChangeNode): Node {
  switch (change.kind) {
    case "members":
      return node(change.action, {}, change.members.map(participantNode));
    case "subject":
      return node("subject", {}, change.subject);
    case "description":
      return descriptionNode(change.description);
    case "picture":
      return change.picture;
    case "announcement":
      return node(change.on ? "announcement" : "not_announcement");
    case "locked":
      return node(change.on ? "locked" : "unlocked");
  }
}

/** Undefined where it is no change that this version knows. */
export function readGroupChange(change: Node): GroupChangeNode | undefined {
  const { tag } = change;
  const action = MEMBER_ACTIONS.find((one) => one === tag);
  if (action) return { kind: "members", action, members: participantsIn(change) };
  switch (tag) {
    case "subject":
      return { kind: "subject", subject: text(change) ?? "" };
    case "description":
      return { kind: "description", description: descriptionIn(change) };
    case "picture":
      return { kind: "picture", picture: change };
    case "announcement":
    case "not_announcement":
      return { kind: "announcement", on: tag === "announcement" };
    case "locked":
    case "unlocked":
      return { kind: "locked", on: tag === "locked" };
    default:
      return undefined;
  }
}
