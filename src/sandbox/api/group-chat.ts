import type { Plaintext } from "../../networks/meta-interop/wire/plaintext-kinds.ts";
import { fromMember } from "../groups/group-item.ts";
import { isSame, jidOf, type Somebody, visibleId } from "../groups/group-member.ts";
import { chatNumber } from "../groups/group-messages.ts";
import { groupReceiptStanza } from "../groups/group-stanzas.ts";
import { note } from "../groups/phone-note.ts";
import { type GroupDraft, postToGroup, sealForGroup } from "../groups/phone-send.ts";
import { HttpError } from "../http/http-error.ts";
import type { Draft } from "../phone/person-send.ts";
import { itemOf } from "../phone/plaintext-item.ts";
import { memberOfGroup } from "./group-named.ts";
import type { VerbContext } from "./verb.ts";

/** A group as a chat of one of its members; throws where they may not write in it now. */
export function groupChat({ person, groups, typing }: VerbContext, to: string, onlyReads = false) {
  const me: Somebody = { kind: "person", person };
  const { group, part } = memberOfGroup(groups, person, to);
  const admin = part !== "member";
  if (group.announcement && !admin && !onlyReads)
    throw new HttpError(409, "only-admins", "Only admins write in this group.");
  const chat = chatNumber(group);
  const { commits, inboxes, mailbox, serverTime, wake } = person.parts;
  const users = () => groups.users(groups.members(group));
  const others = () =>
    groups
      .members(group)
      .flatMap((member) => (member.kind === "person" && !isSame(member, me) ? [member.person] : []));
  const about = { group: group.jid, participant: person.row.jid };

  /** An admin deletes another's message; everybody only their own. */
  function drafted(draft: Draft, plaintext: Plaintext): GroupDraft {
    if (plaintext.kind !== "revoke" || plaintext.target.fromMe) return draft;
    if (!admin) throw new HttpError(409, "not-an-admin", "Only an admin deletes another's message.");
    return { ...draft, edit: "8" };
  }

  return {
    jid: group.jid,
    chat,
    integrator: 0,
    own: (id: string) => fromMember(me, group, id),
    author(id: string): string | undefined {
      if (person.parts.messages.sentRef(chat, id, person.id) !== undefined) return person.row.jid;
      const author = groups.authorOf(group, id);
      return author && jidOf(author);
    },
    async send(draft: Draft, plaintext: Plaintext, also: () => void): Promise<void> {
      const target = "target" in plaintext && !plaintext.target.fromMe ? plaintext.target : undefined;
      const author = target && groups.authorOf(group, target.id);
      const of = author === undefined ? {} : { target_from: visibleId(author) };
      const item = { ...itemOf(plaintext), ...of, ...fromMember(me, group, draft.id) };
      const sending = drafted(draft, plaintext);
      await person.inLane(async () => {
        const { sealed, users: to, keep } = await sealForGroup(groups, group, person, [sending]);
        await keep(() => {
          also();
          postToGroup(group, person, sealed, to, null);
          inboxes.addOwn(person.id, chat, item);
          for (const other of others()) note(other, chat, item);
        });
      });
      for (const { id } of users()) wake(id);
      for (const { id } of others()) inboxes.announce(id);
    },
    readers: () => others().filter(({ row }) => !row.load),
    types(on: boolean, voice: boolean): void {
      const from = { from: group.jid, participant: person.row.jid };
      for (const account of users()) typing.send(account, from, on, voice);
    },
    async receipt(target: string, type: "read" | "played", also: () => void): Promise<void> {
      const author = groups.authorOf(group, target);
      const told = author?.kind === "user" ? [author.account] : author === undefined ? users() : [];
      const read = { kind: "receipt" as const, target, receipt: type };
      await person.inLane(() =>
        commits.commit(() => {
          for (const { id: account } of told)
            mailbox.post(groupReceiptStanza({ ...about, account, id: target, type, at: serverTime() }));
          if (author?.kind === "person" && !isSame(author, me))
            note(author.person, chat, { ...fromMember(me, group, target), ...read });
          also();
        }),
      );
      for (const { id } of told) wake(id);
      if (author?.kind === "person") inboxes.announce(author.person.id);
    },
  };
}
