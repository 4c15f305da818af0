import { type GroupChangeNode, groupChangeNode } from "../../networks/meta-interop/wire/group-changes.ts";
import { groupNode } from "../../networks/meta-interop/wire/groups.ts";
import { type Node, node } from "../../networks/meta-interop/wire/node.ts";
import { stanzaId } from "../state/outgoing-stanzas.ts";
import type { InboxItem } from "../state/phone-inboxes.ts";
import { changeItem, createdItem } from "./group-item.ts";
import { type GroupMember, isSame, jidOf, type Somebody } from "./group-member.ts";
import { chatNumber } from "./group-messages.ts";
import { groupNotificationStanza } from "./group-stanzas.ts";
import type { GroupRow } from "./group-table.ts";
import type { Groups } from "./groups.ts";
import { note } from "./phone-note.ts";

/** Whom a commit told something: to be woken after it. */
export class Told {
  readonly #accounts = new Set<number>();
  readonly #people = new Set<string>();

  account(id: number): void {
    this.#accounts.add(id);
  }

  person(id: string): void {
    this.#people.add(id);
  }

  wake({ parts }: Groups): void {
    for (const account of this.#accounts) parts.wake(account);
    for (const person of this.#people) parts.inboxes.announce(person);
  }
}

/** Tells members what somebody has done: a notification to each user, an item on each phone. Call it inside a commit. */
function tell(
  groups: Groups,
  group: GroupRow,
  actor: Somebody,
  to: readonly Somebody[],
  child: Node,
  item: InboxItem,
  told: Told,
): void {
  const { mailbox, serverTime, inboxes } = groups.parts;
  // By the id an app with several of its users in the group knows that it is one change.
  const about = { id: stanzaId(), group: group.jid, participant: jidOf(actor), children: [child] };
  for (const who of to) {
    if (who.kind === "user") {
      if (isSame(who, actor)) continue;
      mailbox.post(groupNotificationStanza({ ...about, account: who.account.id, at: serverTime() }));
      told.account(who.account.id);
      continue;
    }
    const { person } = who;
    if (isSame(who, actor)) inboxes.addOwn(person.id, chatNumber(group), item);
    else note(person, chatNumber(group), item);
    told.person(person.id);
  }
}

/** @param to the members, and those who were removed. */
export function tellChange(
  groups: Groups,
  group: GroupRow,
  actor: Somebody,
  to: readonly Somebody[],
  change: GroupChangeNode,
  concerned: readonly Somebody[],
  told: Told,
): void {
  const item = changeItem(actor, group, change, concerned);
  tell(groups, group, actor, to, groupChangeNode(change), item, told);
}

export function tellCreated(
  groups: Groups,
  group: GroupRow,
  actor: Somebody,
  members: readonly GroupMember[],
  told: Told,
): void {
  const child = node("create", {}, [groupNode(groups.describe(group, members))]);
  tell(groups, group, actor, members, child, createdItem(actor, group, members), told);
}
