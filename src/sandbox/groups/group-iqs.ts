import { readGroupChange } from "../../networks/meta-interop/wire/group-changes.ts";
import { groupsToLeave, readCreateGroup } from "../../networks/meta-interop/wire/group-requests.ts";
import { GROUP_SERVER, groupNode } from "../../networks/meta-interop/wire/groups.ts";
import { child, children, type Node, node } from "../../networks/meta-interop/wire/node.ts";
import { answer, type IqHandler, refuse } from "../chat/iq.ts";
import type { StanzaContext } from "../chat/stanza-context.ts";
import { createGroup } from "./create-group.ts";
import { changeGroup, type GroupError, type WantedChange } from "./group-change.ts";
import type { Somebody } from "./group-member.ts";
import { pictureFrom } from "./group-picture.ts";

const words: Record<GroupError, string> = {
  "401": "not-authorized",
  "403": "forbidden",
  "404": "item-not-found",
  "405": "not-allowed",
  "406": "not-acceptable",
};

const asker = ({ session }: StanzaContext): Somebody => ({ kind: "user", account: session.account });

const refuses = (context: StanzaContext, stanza: Node, code: GroupError): void =>
  refuse(context, stanza, code, words[code]);

const refusedNodes = (refused: ReadonlyMap<string, string>): readonly Node[] =>
  Array.from(refused, ([jid, error]) => node("participant", { jid, error }));

function malformed(context: StanzaContext, stanza: Node): void {
  context.session.reportViolation(
    "malformed-stanza",
    "a request about groups asks for nothing known",
    stanza.attrs["id"],
  );
  refuses(context, stanza, "406");
}

/** `<iq xmlns="w:g2" type="get">`: to `g.us` all the user's groups, to a group that one. */
export const groupQuery: IqHandler = (context, stanza) => {
  const { session, groups, parts } = context;
  const { to = "" } = stanza.attrs;
  const { network } = session.account;
  if (!parts.states.of(network).features.groups) return refuses(context, stanza, "405");
  if (to === GROUP_SERVER) {
    if (child(stanza, "participating") === undefined) return malformed(context, stanza);
    const all = groups.of(asker(context)).map((group) => groupNode(groups.describe(group)));
    return answer(context, stanza, [node("groups", {}, all)]);
  }
  const group = groups.get(network, to);
  if (group === undefined) return refuses(context, stanza, "404");
  if (groups.member(group, asker(context)) === undefined) return refuses(context, stanza, "403");
  answer(context, stanza, [groupNode(groups.describe(group))]);
};

/** `<iq xmlns="w:g2" type="set">`: to `g.us` makes a group or leaves some, to a group changes it. */
export const groupSet: IqHandler = async (context, stanza) => {
  if (!context.parts.states.of(context.session.account.network).features.groups)
    return refuses(context, stanza, "405");
  if (stanza.attrs["to"] !== GROUP_SERVER) return change(context, stanza);
  const create = child(stanza, "create");
  const leave = child(stanza, "leave");
  if (create !== undefined) return makeGroup(context, stanza, create);
  if (leave !== undefined) return leaveGroups(context, stanza, leave);
  malformed(context, stanza);
};

async function makeGroup(context: StanzaContext, stanza: Node, create: Node): Promise<void> {
  const wanted = readCreateGroup(create);
  if (wanted === undefined) return malformed(context, stanza);
  const result = await createGroup(context.groups, asker(context), wanted);
  if ("error" in result) return refuses(context, stanza, result.error);
  const { group, refused } = result;
  const more = refused.size === 0 ? [] : [node("create", {}, refusedNodes(refused))];
  answer(context, stanza, [groupNode(context.groups.describe(group)), ...more]);
}

async function leaveGroups(context: StanzaContext, stanza: Node, leave: Node): Promise<void> {
  const ids = groupsToLeave(leave);
  if (ids.length === 0) return malformed(context, stanza);
  const { groups, session } = context;
  for (const id of ids) {
    const result = await changeGroup(groups, id, asker(context), {
      kind: "members",
      action: "remove",
      jids: [session.jid],
    });
    if ("error" in result && result.error !== "403") return refuses(context, stanza, result.error);
  }
  answer(context, stanza, [leave]);
}

async function change(context: StanzaContext, stanza: Node): Promise<void> {
  const { groups, session } = context;
  const { to = "" } = stanza.attrs;
  const [wantedNode, ...more] = children(stanza);
  const wanted = wantedNode && more.length === 0 ? await wantedChange(context, wantedNode) : undefined;
  if (wantedNode === undefined || wanted === undefined) return malformed(context, stanza);
  if (groups.get(session.account.network, to) === undefined) return refuses(context, stanza, "404");
  const result = await changeGroup(groups, to, asker(context), wanted);
  if ("error" in result) return refuses(context, stanza, result.error);
  if (wanted.kind !== "members") return answer(context, stanza);
  const { refused } = result;
  const done = wanted.jids.filter((jid) => !refused.has(jid)).map((jid) => node("participant", { jid }));
  answer(context, stanza, [node(wanted.action, {}, [...done, ...refusedNodes(refused)])]);
}

/** Undefined where it is no change, names nobody, or its picture cannot be had. */
async function wantedChange(context: StanzaContext, wanted: Node): Promise<WantedChange | undefined> {
  const read = readGroupChange(wanted);
  if (read === undefined) return undefined;
  if (read.kind === "picture") return pictureFrom(context, read.picture);
  if (read.kind !== "members") return read;
  const jids = read.members.map(({ jid }) => jid);
  return jids.length === 0 ? undefined : { kind: "members", action: read.action, jids };
}
