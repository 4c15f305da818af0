import { groupChangeNode } from "../../networks/meta-interop/wire/group-changes.ts";
import { node } from "../../networks/meta-interop/wire/node.ts";
import type { Person } from "../phone/person.ts";
import { stanzaId } from "../state/outgoing-stanzas.ts";
import { memberNode } from "./group-member.ts";
import type { Told } from "./group-news.ts";
import { groupNotificationStanza } from "./group-stanzas.ts";
import type { Groups } from "./groups.ts";

/**
 * Tells the users in a person's groups that the person has another address there: the old one leaves, the new one comes
 * in with the same part. Everybody gives the others a new key with their next message. Call it inside a commit.
 */
export function renumber(groups: Groups, person: Person, was: string, now: string, told: Told): void {
  const { mailbox, serverTime } = groups.parts;
  for (const group of groups.of({ kind: "person", person })) {
    const members = groups.members(group);
    const member = members.find((one) => one.kind === "person" && one.person === person);
    if (member === undefined) continue;
    groups.table.update({ ...group, left: group.left + 1 });
    groups.messages.takeKeys(group.id);
    const old = node("remove", {}, [node("participant", { jid: was })]);
    const fresh = [{ ...memberNode(member), jid: now }];
    const come = (["add", ...(member.part === "member" ? [] : (["promote"] as const))] as const).map(
      (action) => groupChangeNode({ kind: "members", action, members: fresh }),
    );
    const [left, came] = [stanzaId(), stanzaId()];
    for (const { id: account } of groups.users(members)) {
      const about = { account, group: group.jid, at: serverTime() };
      mailbox.post(groupNotificationStanza({ ...about, id: left, participant: was, children: [old] }));
      mailbox.post(groupNotificationStanza({ ...about, id: came, participant: now, children: come }));
      told.account(account);
    }
  }
}
