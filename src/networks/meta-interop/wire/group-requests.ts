import { isGroup, participantNode, participantsIn } from "./groups.ts";
import { child, children, type Node, node } from "./node.ts";

/** A group that is to be made: one a creator and key, whoever asks again. */
interface NewGroupNode {
  readonly subject: string;
  readonly key: string;
  readonly jids: readonly string[];
}

/** The child of `<iq xmlns="w:g2" type="set" to="g.us">` that makes a group. */
export function createGroupNode({ subject, key, jids }: NewGroupNode): Node {
  const members = jids.map((jid) => participantNode({ jid, part: "member", name: undefined }));
  return node("create", { subject, key }, members);
}

/** Undefined where it has no key. */
export function readCreateGroup(create: Node): NewGroupNode | undefined {
  const { subject = "", key = "" } = create.attrs;
  return key === "" ? undefined : { subject, key, jids: participantsIn(create).map(({ jid }) => jid) };
}

/** The child of `<iq xmlns="w:g2" type="set" to="g.us">` by which our user leaves groups. */
export const leaveGroupsNode = (groups: readonly string[]): Node =>
  node(
    "leave",
    {},
    groups.map((id) => node("group", { id })),
  );

export const groupsToLeave = (leave: Node): readonly string[] =>
  children(leave, "group").flatMap(({ attrs: { id = "" } }) => (isGroup(id) ? [id] : []));

/** The participants of the answer to a change of members that were refused, by their JIDs, with the code of why. */
export function refusedParticipants(answer: Node, action: string): ReadonlyMap<string, string> {
  const changed = child(answer, action);
  const refused = (changed ? children(changed, "participant") : []).flatMap(
    ({ attrs: { jid, error } }): readonly (readonly [string, string])[] =>
      jid !== undefined && error !== undefined ? [[jid, error]] : [],
  );
  return new Map(refused);
}
