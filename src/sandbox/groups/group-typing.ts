import type { StanzaContext } from "../chat/stanza-context.ts";
import { accountJid } from "../state/accounts.ts";
import { fromMember } from "./group-item.ts";
import { isSame, type Somebody } from "./group-member.ts";
import { chatNumber } from "./group-messages.ts";

/** An integrator's user types in a group: shown on the phones that are on, passed on to users who are connected. */
export async function takeGroupTyping(
  { session, groups, parts, typing }: StanzaContext,
  to: string,
  { on, voice }: { readonly on: boolean; readonly voice: boolean },
): Promise<void> {
  const { account } = session;
  const writer: Somebody = { kind: "user", account };
  const group = groups.get(account.network, to);
  if (group === undefined || groups.member(group, writer) === undefined) return;
  const others = groups.members(group).filter((member) => !isSame(member, writer));
  const from = { from: group.jid, participant: accountJid(account) };
  for (const member of others) if (member.kind === "user") typing.send(member.account, from, on, voice);
  const item = {
    ...fromMember(writer, group, ""),
    kind: "typing" as const,
    on,
    ...(voice ? { voice: true } : {}),
  };
  const people = others.flatMap((member) =>
    member.kind === "person" && member.person.row.online && !member.person.row.load ? [member.person] : [],
  );
  await Promise.all(
    people.map((person) =>
      person.inLane(() => parts.commits.commit(() => parts.inboxes.add(person.id, chatNumber(group), item))),
    ),
  );
  for (const person of people) parts.inboxes.announce(person.id);
}
