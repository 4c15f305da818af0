import { createHash } from "node:crypto";
import { parseJid } from "./jid.ts";
import { child, children, type Node, node, text } from "./node.ts";

/** The server part of a group's address: `{gid}@g.us`. */
export const GROUP_SERVER = "g.us";
/** The most members that are read of one `<group>`. */
const MOST_MEMBERS = 100_000;

/** A member's part in a group; `superadmin`: who made it. */
type GroupPart = "member" | "admin" | "superadmin";

export interface GroupMemberNode {
  readonly jid: string;
  readonly part: GroupPart;
  readonly name: string | undefined;
}

/** A group, as the gatekeeper describes it (docs/sandbox.md: Groups). */
export interface GroupDescription {
  /** `{gid}@g.us` */
  readonly id: string;
  readonly creator: string;
  readonly subject: string;
  /** Empty where there is none. */
  readonly description: string;
  /** `<picture/>` as in profiles; without attributes where there is none. */
  readonly picture: Node | undefined;
  /** Whether only admins write in it. */
  readonly announcement: boolean;
  /** Whether only admins change it. */
  readonly locked: boolean;
  readonly members: readonly GroupMemberNode[];
}

export const isGroup = (jid: string): boolean => {
  const parsed = parseJid(jid);
  return parsed?.kind === "user" && parsed.server === GROUP_SERVER && parsed.device === 0;
};

/** A member of `<group>`, or of a change of its members. */
export const participantNode = ({ jid, part, name }: GroupMemberNode): Node =>
  node("participant", { jid, type: part === "member" ? undefined : part, display_name: name });

export function groupNode(group: GroupDescription): Node {
  const { id, creator, subject, description, picture, announcement, locked, members } = group;
  return node(
    "group",
    {
      id,
      creator,
      subject,
      size: String(members.length),
      announcement: announcement ? "true" : undefined,
      locked: locked ? "true" : undefined,
    },
    [
      ...(description === "" ? [] : [descriptionNode(description)]),
      ...(picture ? [picture] : []),
      ...members.map(participantNode),
    ],
  );
}

/** Undefined where it names no group. Participants without an address are left out. */
export function readGroup(group: Node): GroupDescription | undefined {
  const { id = "", creator = "", subject = "", announcement, locked } = group.attrs;
  if (!isGroup(id)) return undefined;
  return {
    id,
    creator,
    subject,
    description: descriptionIn(child(group, "description")),
    picture: child(group, "picture"),
    announcement: announcement === "true",
    locked: locked === "true",
    members: participantsIn(group),
  };
}

/** The members that a `<group>` or a change names. */
export function participantsIn(parent: Node): readonly GroupMemberNode[] {
  return children(parent, "participant")
    .slice(0, MOST_MEMBERS)
    .flatMap(({ attrs }) => {
      const { jid = "", type, display_name: name } = attrs;
      if (!parseJid(jid)) return [];
      const part: GroupPart = type === "admin" || type === "superadmin" ? type : "member";
      return [{ jid, part, name }];
    });
}

/** Without a body where it is removed. */
export const descriptionNode = (description: string): Node =>
  node("description", {}, description === "" ? [] : [node("body", {}, description)]);

/** The text of a `<description>`; empty where it is removed. */
export function descriptionIn(description: Node | undefined): string {
  const body = description && child(description, "body");
  return (body && text(body)) ?? "";
}

/**
 * The hash of a group's members by which both ends of a `<message>` see whether they know the same ones: base64url of the
 * first 6 bytes of SHA-256 over the sorted addresses, each followed by a line feed.
 */
export function membersHash(jids: Iterable<string>): string {
  const hash = createHash("sha256");
  for (const jid of Array.from(jids).sort()) hash.update(`${jid}\n`);
  return hash.digest().subarray(0, 6).toString("base64url");
}
