import { isGroup } from "../../networks/meta-interop/wire/groups.ts";
import type { Plaintext } from "../../networks/meta-interop/wire/plaintext-kinds.ts";
import { byPerson } from "../phone/own-item.ts";
import type { Person } from "../phone/person.ts";
import { type Draft, sendDraft } from "../phone/person-send.ts";
import { itemOf } from "../phone/plaintext-item.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import { receiptStanza } from "../state/outgoing-stanzas.ts";
import type { InboxItem } from "../state/phone-inboxes.ts";
import { groupChat } from "./group-chat.ts";
import { addressee, correspondent, type VerbContext } from "./verb.ts";

/** Where a person writes: a user of an integrator, or a group. */
export interface NamedChat {
  /** On the wire. */
  readonly jid: string;
  /** The account, or the group's number, under which phones and message tables keep it. */
  readonly chat: number;
  /** Of the user; 0 for a group. */
  readonly integrator: number;
  /** Fields of an item about what the person does in it. */
  own(id: string): Pick<InboxItem, "id" | "from" | "from_name" | "chat" | "at">;
  /** JID of whoever wrote this message in it; undefined for one that is still to come. */
  author(id: string): string | undefined;
  /** Sends it, with what the person's own phone and those of others show; `also` is committed with it. */
  send(draft: Draft, plaintext: Plaintext, also: () => void): Promise<void>;
  /** The other persons in it whose phones somebody may look at. */
  readers(): readonly Person[];
  types(on: boolean, voice: boolean): void;
  receipt(target: string, type: "read" | "played", also: () => void): Promise<void>;
}

/** The chat that `to` names; throws where the person may not write in it now. */
export function namedChat(context: VerbContext, to: string | undefined): NamedChat {
  return to !== undefined && isGroup(to)
    ? groupChat(context, to)
    : directChat(context, correspondent(context.person, to));
}

/** The chat in which something is read: also one where the person may not write. */
export function receiptChat(context: VerbContext, to: string): NamedChat {
  return isGroup(to) ? groupChat(context, to, true) : directChat(context, addressee(context.person, to));
}

function directChat({ person, typing }: VerbContext, account: Account): NamedChat {
  const { commits, inboxes, mailbox, messages, serverTime, wake } = person.parts;
  const own = (id: string) => byPerson(person, account, id);
  return {
    jid: accountJid(account),
    chat: account.id,
    integrator: account.integrator,
    own,
    author: (id) =>
      messages.sentRef(account.id, id, person.id) === undefined ? accountJid(account) : person.row.jid,
    send: (draft, plaintext, also) =>
      person.inLane(() =>
        sendDraft(person, account, draft, () => {
          also();
          inboxes.addOwn(person.id, account.id, { ...itemOf(plaintext), ...own(draft.id) });
        }),
      ),
    readers: () => [],
    types: (on, voice) => typing.send(account, { from: person.row.jid }, on, voice),
    async receipt(target, type, also) {
      const { jid: from } = person.row;
      const stanza = receiptStanza({ account: account.id, id: target, from, type, at: serverTime() });
      await person.inLane(() =>
        commits.commit(() => {
          mailbox.post(stanza);
          also();
        }),
      );
      wake(account.id);
    },
  };
}
