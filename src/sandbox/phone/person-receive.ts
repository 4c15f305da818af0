import {
  ErrorCode,
  PreKeySignalMessage,
  SignalMessage,
  signalDecrypt,
  signalDecryptPreKey,
} from "@signalapp/libsignal-client";
import { bytes, child, type Node } from "../../networks/meta-interop/wire/node.ts";
import { unpad } from "../../networks/meta-interop/wire/padding.ts";
import { decodePlaintext } from "../../networks/meta-interop/wire/plaintext.ts";
import type { Plaintext } from "../../networks/meta-interop/wire/plaintext-kinds.ts";
import { faultTarget } from "../faults/fault-target.ts";
import { failureName } from "../logger.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import type { OutgoingStanza } from "../state/mailbox.ts";
import { receiptStanza } from "../state/outgoing-stanzas.ts";
import type { InboxItem } from "../state/phone-inboxes.ts";
import type { Person } from "./person.ts";
import { retryKeys } from "./person-retry.ts";
import { fileOf, itemOf } from "./plaintext-item.ts";
import { noChanges, type SignalChanges, type SignalTransaction } from "./signal-transaction.ts";

const mostRetries = 5;

/** Fields of every inbox item about this user. */
export function fromUser(
  account: Account,
  id: string,
): Pick<InboxItem, "id" | "from" | "from_name" | "chat" | "at"> {
  return { id, from: account.sub, from_name: account.name ?? account.sub, chat: account.sub, at: Date.now() };
}

export type Decrypted =
  | { readonly state: "opened"; readonly plaintext: Uint8Array }
  | { readonly state: "duplicate" }
  /** `changes`: what was taken from it all the same. */
  | { readonly state: "failed"; readonly changes?: SignalChanges };

/** What differs between a message to one person and one to a group. */
export interface Arrival {
  /** The account, or the group's number, under which phones and message tables keep it. */
  readonly chat: number;
  /** Fields of its inbox item. */
  readonly base: ReturnType<typeof fromUser>;
  open(transaction: SignalTransaction): Promise<Decrypted>;
  /** What the phone shows of it. */
  shown(plaintext: Plaintext): ReturnType<typeof itemOf>;
  /** A receipt of this phone for it. */
  receipt(type: "" | "retry", children?: readonly Node[]): OutgoingStanza;
}

function directArrival(person: Person, account: Account, message: Node): Arrival {
  const { id = "" } = message.attrs;
  const enc = child(message, "enc");
  return {
    chat: account.id,
    base: fromUser(account, id),
    open: async (transaction) =>
      enc === undefined ? { state: "failed" } : decrypt(person, account, enc, transaction),
    shown: itemOf,
    receipt: (type, children = []) =>
      receiptStanza({
        account: account.id,
        id,
        from: person.row.jid,
        type,
        at: person.parts.serverTime(),
        children,
      }),
  };
}

/** Tells the error by its code: libsignal throws the class of the module instance loaded first, so `instanceof` may not hold. */
export function isDuplicate(cause: unknown): boolean {
  const duplicated: number = ErrorCode.DuplicatedMessage;
  return typeof cause === "object" && cause !== null && "code" in cause && cause.code === duplicated;
}

export async function decrypt(
  person: Person,
  account: Account,
  enc: Node,
  transaction: SignalTransaction,
): Promise<Decrypted> {
  const { local, remote } = person.addresses(account);
  const ciphertext = new Uint8Array(bytes(enc) ?? []);
  try {
    const plaintext =
      enc.attrs["type"] === "pkmsg"
        ? await signalDecryptPreKey(
            PreKeySignalMessage.deserialize(ciphertext),
            remote,
            local,
            transaction.sessions,
            transaction.identities,
            transaction.prekeys,
            transaction.signedPrekeys,
            transaction.kyberPrekeys,
          )
        : await signalDecrypt(
            SignalMessage.deserialize(ciphertext),
            remote,
            local,
            transaction.sessions,
            transaction.identities,
          );
    return { state: "opened", plaintext };
  } catch (cause) {
    if (isDuplicate(cause)) return { state: "duplicate" };
    person.parts.log.info("a person could not decrypt", { person: person.id, failure: failureName(cause) });
    return { state: "failed" };
  }
}

/** The plaintext decoded; undefined when the profile has no such message. */
function decode(person: Person, plaintext: Uint8Array): Plaintext | undefined {
  try {
    return decodePlaintext(person.row.network, unpad(plaintext));
  } catch {
    return undefined;
  }
}

/** Whether a message that came again, perhaps in another ciphertext, is the one that the phone shows. */
const sameShown = (again: object, before: InboxItem): boolean =>
  Object.entries(again).every(([field, value]) => JSON.stringify(before[field]) === JSON.stringify(value));

/**
 * Hands a message to the phone: ratchet, inbox item, delivery or retry receipt and `also` are one commit. To be run in
 * the person's lane; the returned `done` settles with the commit, which the lane need not wait for.
 */
export async function receive(
  person: Person,
  account: Account,
  message: Node,
  also: () => void = () => undefined,
  arrival = directArrival(person, account, message),
): Promise<{ readonly done: Promise<void> }> {
  const { messages, media, mailbox, inboxes, wake, fetchFile, faults, states, violations } = person.parts;
  const { network } = person.row;
  const { id = "" } = message.attrs;
  const { chat, base } = arrival;
  const transaction = person.signal.transaction(accountJid(account));
  const target = faultTarget(account, "from_bridge", "message", person.names);
  const forced = !faults.none && faults.hit(["retry-receipt"], target) !== undefined;
  const decrypted: Decrypted = forced ? { state: "failed" } : await arrival.open(transaction);

  if (decrypted.state === "failed") {
    const attempt = messages.attempts(person.id, chat, id) + 1;
    const item: InboxItem = {
      ...base,
      kind: "undecryptable",
      ...(attempt > 1 ? { repeat: true as const } : {}),
    };
    const t = message.attrs["t"];
    const done = person.signal.commit(decrypted.changes ?? noChanges(), () => {
      messages.countAttempt(person.id, chat, id);
      inboxes.add(person.id, chat, item);
      if (attempt <= mostRetries) {
        mailbox.post(arrival.receipt("retry", retryKeys(person, id, attempt, t)));
      }
      also();
    });
    // The lane waits here, so that the next attempt reads this one's count.
    await done;
    wake(account.id);
    inboxes.announce(person.id);
    return { done };
  }

  const plaintext = decrypted.state === "opened" ? decode(person, decrypted.plaintext) : undefined;
  const unreadable = decrypted.state === "opened" && plaintext === undefined;
  const shownItem = plaintext && arrival.shown(plaintext);
  const file = plaintext && fileOf(plaintext);
  const receipts = states.of(network).features.receipts;
  let reused = false;
  const done = person.signal.commit(transaction.changes, () => {
    messages.relate(person.id, account.id);
    const before = inboxes.shown(person.id, chat, id);
    reused = before !== undefined && shownItem !== undefined && !sameShown(shownItem, before);
    if (file !== undefined) media.keep(person.id, id, { ...file, integrator: account.integrator });
    const repeat = before !== undefined || decrypted.state === "duplicate";
    const content = shownItem ?? before ?? { kind: "unknown" as const };
    inboxes.add(person.id, chat, { ...content, ...base, ...(repeat ? { repeat: true } : {}) });
    if (receipts) mailbox.post(arrival.receipt(""));
    also();
  });
  const afterCommit = async (): Promise<void> => {
    await done;
    if (receipts) wake(account.id);
    inboxes.announce(person.id);
    if (file !== undefined) fetchFile(person.id, id);
    const violation = { network, user: accountJid(account), id };
    if (unreadable) {
      const words = "a message decrypts to nothing the profile knows";
      violations.add({ ...violation, kind: "malformed-stanza", words });
    }
    if (reused) {
      const words = "a message id was used before for something else";
      violations.add({ ...violation, kind: "reused-message-id", words });
    }
  };
  return { done: afterCommit() };
}
