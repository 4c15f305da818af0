import type { GroupChangeNode } from "../../networks/meta-interop/wire/group-changes.ts";
import { stanzaId } from "../state/outgoing-stanzas.ts";
import type { InboxItem } from "../state/phone-inboxes.ts";
import { nameOf, type Somebody, visibleId } from "./group-member.ts";
import type { GroupRow } from "./group-table.ts";

type Base = Pick<InboxItem, "id" | "from" | "from_name" | "chat" | "at">;

/** Fields of every item in a group: `chat` is the group, `from` the member. */
export function fromMember(who: Somebody, { jid }: GroupRow, id: string): Base {
  return { id, from: visibleId(who), from_name: nameOf(who), chat: jid, at: Date.now() };
}

const actions = { add: "added", remove: "removed", promote: "promoted", demote: "demoted" } as const;

/** What a change says on a phone, as an item of kind `group`. */
function shownChange(
  change: GroupChangeNode,
  members: readonly Somebody[],
): Readonly<Record<string, unknown>> {
  switch (change.kind) {
    case "members":
      return {
        change: actions[change.action],
        members: members.map(visibleId),
        member_names: members.map(nameOf),
      };
    case "subject":
      return { change: "renamed", text: change.subject };
    case "description":
      return { change: "described", text: change.description };
    case "picture":
      return { change: "pictured", on: change.picture.attrs["direct_path"] !== undefined };
    case "announcement":
      return { change: "announcement", on: change.on };
    case "locked":
      return { change: "locked", on: change.on };
  }
}

export function changeItem(
  actor: Somebody,
  group: GroupRow,
  change: GroupChangeNode,
  members: readonly Somebody[],
): InboxItem {
  return { ...fromMember(actor, group, stanzaId()), kind: "group", ...shownChange(change, members) };
}

export function createdItem(actor: Somebody, group: GroupRow, members: readonly Somebody[]): InboxItem {
  const about = { members: members.map(visibleId), member_names: members.map(nameOf), text: group.subject };
  return { ...fromMember(actor, group, stanzaId()), kind: "group", change: "created", ...about };
}
