import { CiphertextMessageType, processPreKeyBundle, signalEncrypt } from "@signalapp/libsignal-client";
import { HttpError } from "../http/http-error.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import type { Bundle } from "../state/held-prekeys.ts";
import { messageStanza } from "../state/outgoing-stanzas.ts";
import type { Person } from "./person.ts";
import { signalBundle } from "./signal-bundle.ts";
import type { SignalTransaction } from "./signal-transaction.ts";

/** A message before encryption. */
export interface Draft {
  readonly id: string;
  /** With its padding. */
  readonly plaintext: Uint8Array;
  readonly type: "text" | "media" | "reaction";
}

const noKeys = (): HttpError =>
  new HttpError(409, "no-keys", "This user's app has uploaded no keys yet; try again when it has connected.");

/** Starts a session unless there is a current one; with `bundle` it always starts a new one. */
export async function openSession(
  person: Person,
  account: Account,
  transaction: SignalTransaction,
  bundle?: Bundle,
): Promise<void> {
  const { local, remote } = person.addresses(account);
  const session = await transaction.sessions.getSession();
  if (bundle === undefined && session?.hasCurrentState() === true) return;
  const keys = bundle ?? (await person.prekeyServer.bundleOf(account, person.names));
  if (keys === undefined) throw noKeys();
  await processPreKeyBundle(signalBundle(keys), remote, local, transaction.sessions, transaction.identities);
}

export async function encryptFor(
  person: Person,
  account: Account,
  plaintext: Uint8Array,
  transaction: SignalTransaction,
) {
  const { local, remote } = person.addresses(account);
  const input = new Uint8Array(plaintext);
  const message = await signalEncrypt(input, remote, local, transaction.sessions, transaction.identities);
  const prekey: number = CiphertextMessageType.PreKey;
  const type = message.type() === prekey ? ("pkmsg" as const) : ("msg" as const);
  return { type, bytes: message.serialize() };
}

/** A draft with its ciphertext. */
export interface Sealed {
  readonly draft: Draft;
  readonly ciphertext: Awaited<ReturnType<typeof encryptFor>>;
}

async function seal(
  person: Person,
  account: Account,
  drafts: readonly Draft[],
  transaction: SignalTransaction,
): Promise<Sealed[]> {
  await openSession(person, account, transaction);
  const sealed: Sealed[] = [];
  for (const draft of drafts) {
    sealed.push({ draft, ciphertext: await encryptFor(person, account, draft.plaintext, transaction) });
  }
  return sealed;
}

/** Stores sent messages for retries and puts them into the mailbox. Call it inside a commit, and `wake` the account after it. */
export function postSealed(
  person: Person,
  account: Account,
  sealed: readonly Sealed[],
  load: number | null,
): void {
  const { messages, mailbox, serverTime } = person.parts;
  const { jid: from, name, network } = person.row;
  // The user has blocked this person: the messages are dropped, and the person does not learn it.
  const dropped = messages.blocked(person.id, account.id, "user");
  messages.relate(person.id, account.id);
  for (const { draft, ciphertext } of sealed) {
    const { id, plaintext, type } = draft;
    // A message sent again keeps its server time, which its receipts repeat.
    const sts =
      (load === null ? messages.sentRef(account.id, id, person.id)?.sts : undefined) ?? serverTime();
    messages.putSent({ person: person.id, account: account.id, id, sts, plaintext, type, load });
    if (dropped) continue;
    mailbox.post(
      messageStanza({ account: account.id, id, from, name, network, type, sts, ciphertext, load }),
    );
  }
}

/** Encrypts, then commits ratchet, stanza and `also` together. To be run in the person's lane. */
export async function sendDraft(
  person: Person,
  account: Account,
  draft: Draft,
  also: () => void = () => undefined,
): Promise<void> {
  const transaction = person.signal.transaction(accountJid(account));
  const sealed = await seal(person, account, [draft], transaction);
  await person.signal.commit(transaction.changes, () => {
    also();
    postSealed(person, account, sealed, null);
  });
  person.parts.wake(account.id);
}

/**
 * Encrypts drafts to be posted later, in order. The ratchet is committed first, so that a crash skips message keys and
 * never uses one twice. To be run in the person's lane.
 */
export async function sealAhead(
  person: Person,
  account: Account,
  drafts: readonly Draft[],
): Promise<Sealed[]> {
  const transaction = person.signal.transaction(accountJid(account));
  const sealed = await seal(person, account, drafts, transaction);
  await person.signal.commit(transaction.changes, () => undefined);
  return sealed;
}

/**
 * Answers a retry receipt: sends the same plaintext under the same id in a new session, made of the keys in the receipt
 * or else of the user's bundle. To be run in the person's lane.
 * @returns false when the message was never sent, or when there are no keys to send it with.
 */
export async function sendAgain(
  person: Person,
  account: Account,
  id: string,
  bundle?: Bundle,
): Promise<boolean> {
  const { messages, mailbox, wake } = person.parts;
  const sent = messages.sent(account.id, id, person.id);
  if (sent === undefined) return false;
  // The person has a new phone without the text, or the user has blocked them: no violation by the asker.
  if (sent.plaintext.length === 0 || messages.blocked(person.id, account.id, "user")) return true;
  const keys = bundle ?? (await person.prekeyServer.bundleOf(account, person.names));
  if (keys === undefined) return false;
  const transaction = person.signal.transaction(accountJid(account));
  await openSession(person, account, transaction, keys);
  const ciphertext = await encryptFor(person, account, sent.plaintext, transaction);
  const { jid: from, name, network } = person.row;
  const { sts, type, load } = sent;
  await person.signal.commit(transaction.changes, () => {
    messages.countRetry(account.id, id, person.id);
    mailbox.post(
      messageStanza({ account: account.id, id, from, name, network, type, sts, ciphertext, load }),
    );
  });
  wake(account.id);
  return true;
}
