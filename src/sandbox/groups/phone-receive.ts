import {
  groupDecrypt,
  processSenderKeyDistributionMessage,
  SenderKeyDistributionMessage,
} from "@signalapp/libsignal-client";
import { senderKeyIn } from "../../networks/meta-interop/wire/group-messages.ts";
import { bytes, children, type Node } from "../../networks/meta-interop/wire/node.ts";
import { unpad } from "../../networks/meta-interop/wire/padding.ts";
import { decodePlaintext } from "../../networks/meta-interop/wire/plaintext.ts";
import type { Plaintext } from "../../networks/meta-interop/wire/plaintext-kinds.ts";
import { failureName } from "../logger.ts";
import type { Person } from "../phone/person.ts";
import { type Arrival, type Decrypted, decrypt, isDuplicate, receive } from "../phone/person-receive.ts";
import { itemOf } from "../phone/plaintext-item.ts";
import type { SignalTransaction } from "../phone/signal-transaction.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import { fromMember } from "./group-item.ts";
import { visibleId } from "./group-member.ts";
import { chatNumber } from "./group-messages.ts";
import { groupReceiptStanza } from "./group-stanzas.ts";
import type { GroupRow } from "./group-table.ts";
import type { Groups } from "./groups.ts";

/**
 * Hands a message of an integrator's user in a group to a phone, with the phone's own ciphertext if there is one, and
 * the one for all. To be run in the person's lane, as `receive`.
 */
export function receiveInGroup(
  groups: Groups,
  group: GroupRow,
  person: Person,
  account: Account,
  message: Node,
  also: () => void = () => undefined,
): Promise<{ readonly done: Promise<void> }> {
  const { id = "" } = message.attrs;
  const arrival: Arrival = {
    chat: chatNumber(group),
    base: fromMember({ kind: "user", account }, group, id),
    open: (transaction) => open(group, person, account, message, transaction),
    shown: (plaintext) => ({ ...itemOf(plaintext), ...authorOf(groups, account, plaintext) }),
    receipt: (type, children = []) =>
      groupReceiptStanza({
        account: account.id,
        group: group.jid,
        participant: person.row.jid,
        id,
        type,
        at: person.parts.serverTime(),
        children,
      }),
  };
  return receive(person, account, message, also, arrival);
}

/** Whose message it is about, where that is not the writer's own. */
function authorOf(groups: Groups, account: Account, plaintext: Plaintext) {
  if (!("target" in plaintext) || plaintext.target.fromMe) return {};
  const { participant } = plaintext.target;
  const author = participant === undefined ? undefined : groups.named(account.network, participant);
  return author === undefined ? {} : { target_from: visibleId(author) };
}

async function open(
  group: GroupRow,
  person: Person,
  account: Account,
  message: Node,
  transaction: SignalTransaction,
): Promise<Decrypted> {
  const encs = children(message, "enc");
  const forAll = encs.find(({ attrs }) => attrs["type"] === "skmsg");
  const own = encs.find((enc) => enc !== forAll);
  const first = own && (await decrypt(person, account, own, transaction));
  if (first?.state === "opened") await takeKey(group, person, account, first.plaintext, transaction);
  if (forAll === undefined) return first ?? { state: "failed" };
  if (first?.state === "opened") reportContent(person, account, message, first.plaintext);
  try {
    const ciphertext = new Uint8Array(bytes(forAll) ?? []);
    const { remote } = person.addresses(account);
    return { state: "opened", plaintext: await groupDecrypt(remote, transaction.senderKeys, ciphertext) };
  } catch (cause) {
    if (isDuplicate(cause)) return { state: "duplicate" };
    person.parts.log.info("a person could not decrypt", { person: person.id, failure: failureName(cause) });
    return { state: "failed", changes: transaction.changes };
  }
}

/** Takes the sender key of a message to this phone alone, if it is for this group. */
async function takeKey(
  group: GroupRow,
  person: Person,
  account: Account,
  plaintext: Uint8Array,
  transaction: SignalTransaction,
): Promise<void> {
  try {
    const key = senderKeyIn(person.row.network, unpad(plaintext));
    if (key?.group !== group.jid) return;
    const distribution = SenderKeyDistributionMessage.deserialize(Uint8Array.from(key.distribution));
    const { remote } = person.addresses(account);
    await processSenderKeyDistributionMessage(remote, distribution, transaction.senderKeys);
  } catch (cause) {
    person.parts.log.info("a sender key was not taken", { person: person.id, failure: failureName(cause) });
  }
}

/** What goes to all is encrypted for all: beside it, one phone alone is sent a key and nothing else. */
function reportContent({ parts, row }: Person, account: Account, { attrs }: Node, plaintext: Uint8Array) {
  try {
    if (decodePlaintext(row.network, unpad(plaintext)).kind === "senderKey") return;
  } catch {
    return;
  }
  parts.violations.add({
    kind: "encrypted-twice",
    network: row.network,
    user: accountJid(account),
    id: attrs["id"],
    words: "a member was sent content alone beside the message for all",
  });
}
