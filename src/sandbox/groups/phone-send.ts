import { randomUUID } from "node:crypto";
import { groupEncrypt, ProtocolAddress, SenderKeyDistributionMessage } from "@signalapp/libsignal-client";
import { withSenderKey } from "../../networks/meta-interop/wire/group-messages.ts";
import type { Node } from "../../networks/meta-interop/wire/node.ts";
import { pad, unpad } from "../../networks/meta-interop/wire/padding.ts";
import { encodePlaintext } from "../../networks/meta-interop/wire/plaintext.ts";
import { HttpError } from "../http/http-error.ts";
import { failureName } from "../logger.ts";
import type { Person } from "../phone/person.ts";
import { type Draft, encryptFor, openSession } from "../phone/person-send.ts";
import { onlyDevice } from "../phone/signal-bundle.ts";
import { noChanges, type SignalChanges, type SignalTransaction } from "../phone/signal-transaction.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import type { Bundle } from "../state/held-prekeys.ts";
import { chatNumber } from "./group-messages.ts";
import { encNode, groupMessageStanza } from "./group-stanzas.ts";
import type { GroupRow } from "./group-table.ts";
import type { Groups } from "./groups.ts";

/** A draft for a group, encrypted once for all, with the sender key for each user who lacks it. */
export interface SealedForGroup {
  readonly draft: GroupDraft;
  readonly forAll: Node;
  readonly keys: ReadonlyMap<number, Node>;
}

export interface GroupDraft extends Draft {
  /** `8`: an admin deletes another's message. */
  readonly edit?: "8";
}

const addTo = (
  all: SignalChanges,
  { sessions, identities, spentEc, kyberUses, senderKeys }: SignalChanges,
) => {
  for (const [address, record] of sessions) all.sessions.set(address, record);
  for (const [address, key] of identities) all.identities.set(address, key);
  for (const id of spentEc) all.spentEc.add(id);
  all.kyberUses.push(...kyberUses);
  for (const [name, key] of senderKeys) all.senderKeys.set(name, key);
};

const localAddress = (person: Person): ProtocolAddress => ProtocolAddress.new(person.row.jid, onlyDevice);

/** The plaintext that gives somebody the person's sender key of a group, alone or with a message, padded. */
async function keyPlaintext(
  { jid: group }: GroupRow,
  person: Person,
  distribution: string,
  { senderKeys }: SignalTransaction,
  message?: Uint8Array,
): Promise<Uint8Array> {
  const { network } = person.row;
  const made = await SenderKeyDistributionMessage.create(localAddress(person), distribution, senderKeys);
  const key = { group, distribution: made.serialize() };
  return pad(
    message === undefined
      ? encodePlaintext(network, { kind: "senderKey", ...key })
      : withSenderKey(network, unpad(message), key),
  );
}

/** The key for one user who lacks it; undefined where their app has no keys: it asks when it has some. */
async function keyFor(
  person: Person,
  account: Account,
  plaintext: Uint8Array,
  changes: SignalChanges,
): Promise<Node | undefined> {
  const transaction = person.signal.transaction(accountJid(account));
  try {
    await openSession(person, account, transaction);
    const enc = encNode(account.network, await encryptFor(person, account, plaintext, transaction));
    addTo(changes, transaction.changes);
    return enc;
  } catch (cause) {
    if (!(cause instanceof HttpError))
      person.parts.log.info("a user got no sender key", { person: person.id, failure: failureName(cause) });
    return undefined;
  }
}

/**
 * Encrypts drafts for all users in a group, in order. `keep` commits the ratchets, who has the key, and what `post` does
 * with the sealed drafts. To be run in the person's lane, with `keep`.
 */
export async function sealForGroup(
  groups: Groups,
  group: GroupRow,
  person: Person,
  drafts: readonly GroupDraft[],
): Promise<{
  readonly sealed: readonly SealedForGroup[];
  readonly users: readonly Account[];
  readonly keep: (post: () => void) => Promise<void>;
}> {
  const { network } = person.row;
  const users = groups.users(groups.members(group));
  const known = groups.messages.ownKey(person.id, group);
  const distribution = known ?? randomUUID();
  const holders = new Set(known === undefined ? [] : groups.messages.holders(person.id, group.id));
  const transaction = person.signal.transaction(person.row.jid);
  const key = await keyPlaintext(group, person, distribution, transaction);
  const changes = noChanges();
  const keys = new Map<number, Node>();
  for (const user of users.filter(({ id }) => !holders.has(id))) {
    const enc = await keyFor(person, user, key, changes);
    if (enc !== undefined) keys.set(user.id, enc);
  }
  const sealed: SealedForGroup[] = [];
  for (const draft of drafts) {
    const message = await groupEncrypt(
      localAddress(person),
      distribution,
      transaction.senderKeys,
      new Uint8Array(draft.plaintext),
    );
    const forAll = encNode(network, { type: "skmsg", bytes: message.serialize() });
    sealed.push({ draft, forAll, keys: sealed.length === 0 ? keys : new Map() });
  }
  addTo(changes, transaction.changes);
  const keep = (post: () => void): Promise<void> =>
    person.signal.commit(changes, () => {
      if (known === undefined) groups.messages.putOwnKey(person.id, group, distribution);
      for (const account of keys.keys()) groups.messages.addHolder(person.id, group.id, account);
      post();
    });
  return { sealed, users, keep };
}

/** Stores sent messages for retries and puts them into the users' mailboxes. Call it inside a commit, and wake the users after it. */
export function postToGroup(
  group: GroupRow,
  person: Person,
  sealed: readonly SealedForGroup[],
  users: readonly Account[],
  load: number | null,
): void {
  const { messages, mailbox, serverTime } = person.parts;
  const { jid: participant, name } = person.row;
  const chat = chatNumber(group);
  for (const { draft, forAll, keys } of sealed) {
    const { id, plaintext, type, edit } = draft;
    const sts = (load === null ? messages.sentRef(chat, id, person.id)?.sts : undefined) ?? serverTime();
    messages.putSent({ person: person.id, account: chat, id, sts, plaintext, type, load });
    for (const [i, { id: account }] of users.entries()) {
      const own = keys.get(account);
      const encs = own === undefined ? [forAll] : [own, forAll];
      const of = { account, group: group.jid, participant, id, name, type, edit, sts, encs };
      // A load run counts its messages at the user who came first.
      mailbox.post(groupMessageStanza({ ...of, load: i === 0 ? load : null }));
    }
  }
}

/**
 * Answers one user's retry receipt: the same plaintext under the same id, with the sender key beside it, for that user
 * alone. To be run in the person's lane.
 * @returns false when the message was never sent, or when there are no keys to send it with.
 */
export async function sendAgainInGroup(
  groups: Groups,
  group: GroupRow,
  person: Person,
  account: Account,
  id: string,
  bundle: Bundle | undefined,
): Promise<boolean> {
  const { messages, mailbox, wake } = person.parts;
  const sent = messages.sent(chatNumber(group), id, person.id);
  if (sent === undefined) return false;
  if (sent.plaintext.length === 0) return true;
  const keys = bundle ?? (await person.prekeyServer.bundleOf(account, person.names));
  if (keys === undefined) return false;
  const transaction = person.signal.transaction(accountJid(account));
  const known = groups.messages.ownKey(person.id, group);
  const distribution = known ?? randomUUID();
  const plaintext = await keyPlaintext(group, person, distribution, transaction, sent.plaintext);
  await openSession(person, account, transaction, keys);
  const enc = encNode(account.network, await encryptFor(person, account, plaintext, transaction));
  const { jid: participant, name } = person.row;
  const { sts, type, load } = sent;
  await person.signal.commit(transaction.changes, () => {
    messages.countRetry(chatNumber(group), id, person.id);
    if (known === undefined) groups.messages.putOwnKey(person.id, group, distribution);
    groups.messages.addHolder(person.id, group.id, account.id);
    const of = { account: account.id, group: group.jid, participant, id, name, type, sts, encs: [enc] };
    mailbox.post(groupMessageStanza({ ...of, load }));
  });
  wake(account.id);
  return true;
}
