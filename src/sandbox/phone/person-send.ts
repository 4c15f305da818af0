import { CiphertextMessageType, processPreKeyBundle, signalEncrypt } from "@signalapp/libsignal-client";
import { HttpError } from "../http/http-error.ts";
import { type Account, accountJid } from "../state/accounts.ts";
import type { Bundle } from "../state/held-prekeys.ts";
import { messageLetter } from "../state/outgoing-stanzas.ts";
import type { Person } from "./person.ts";
import { signalBundle } from "./signal-bundle.ts";
import type { SignalTransaction } from "./signal-transaction.ts";

/** A message before encryption. */
export interface Draft {
  readonly id: string;
  /** Padded as it will be encrypted. */
  readonly plaintext: Uint8Array;
  readonly type: "text" | "media" | "reaction";
}

const noKeys = (): HttpError =>
  new HttpError(409, "no-keys", "This user's app has uploaded no keys yet; try again when it has connected.");

/** Makes sure there is a session to send by; with `bundle` a new one is started in any case. */
async function openSession(
  person: Person,
  account: Account,
  op: SignalTransaction,
  bundle?: Bundle,
): Promise<void> {
  const { local, remote } = person.addresses(account);
  const session = await op.sessions.getSession();
  if (bundle === undefined && session?.hasCurrentState() === true) return;
  const keys = bundle ?? (await person.desk.take(account, person.names));
  if (keys === undefined) throw noKeys();
  await processPreKeyBundle(signalBundle(keys), remote, local, op.sessions, op.identities);
}

async function encryptFor(person: Person, account: Account, plaintext: Uint8Array, op: SignalTransaction) {
  const { local, remote } = person.addresses(account);
  const input = new Uint8Array(plaintext);
  const message = await signalEncrypt(input, remote, local, op.sessions, op.identities);
  const prekey: number = CiphertextMessageType.PreKey;
  const type = message.type() === prekey ? ("pkmsg" as const) : ("msg" as const);
  return { type, bytes: message.serialize() };
}

/** A draft and what it became. */
export interface Sealed {
  readonly draft: Draft;
  readonly ciphertext: Awaited<ReturnType<typeof encryptFor>>;
}

async function seal(
  person: Person,
  account: Account,
  drafts: readonly Draft[],
  op: SignalTransaction,
): Promise<Sealed[]> {
  await openSession(person, account, op);
  const sealed: Sealed[] = [];
  for (const draft of drafts) {
    sealed.push({ draft, ciphertext: await encryptFor(person, account, draft.plaintext, op) });
  }
  return sealed;
}

/** Keeps what was sent for retries and posts it, inside a commit; `wake` the account after it. */
export function postSealed(
  person: Person,
  account: Account,
  sealed: readonly Sealed[],
  load: number | null,
): void {
  const { messages, mailbox, serverTime } = person.parts;
  const { jid: from, name, network } = person.row;
  // Whom the user has blocked is not heard, and does not learn it.
  const dropped = messages.blocked(person.id, account.id, "user");
  messages.relate(person.id, account.id);
  for (const { draft, ciphertext } of sealed) {
    const { id, plaintext, type } = draft;
    // An id that comes again is the same message: its receipts carry one server time.
    const sts = (load === null ? messages.mark(account.id, id, person.id)?.sts : undefined) ?? serverTime();
    messages.putSent({ person: person.id, account: account.id, id, sts, plaintext, type, load });
    if (dropped) continue;
    mailbox.post(
      messageLetter({ account: account.id, id, from, name, network, type, sts, ciphertext, load }),
    );
  }
}

/** Encrypts, then commits ratchet, letter and `also` together. To be run in the person's lane. */
export async function sendDraft(
  person: Person,
  account: Account,
  draft: Draft,
  also: () => void = () => undefined,
): Promise<void> {
  const op = person.signal.operation(accountJid(account));
  const sealed = await seal(person, account, [draft], op);
  await person.signal.commit(op.changes, () => {
    also();
    postSealed(person, account, sealed, null);
  });
  person.parts.wake(account.id);
}

/**
 * Encrypts ahead, to be posted later and in order: the ratchet is committed first, so a crash skips message keys and
 * never uses one twice. To be run in the person's lane.
 */
export async function sealAhead(
  person: Person,
  account: Account,
  drafts: readonly Draft[],
): Promise<Sealed[]> {
  const op = person.signal.operation(accountJid(account));
  const sealed = await seal(person, account, drafts, op);
  await person.signal.commit(op.changes, () => undefined);
  return sealed;
}

/**
 * Answers a retry receipt: the same plaintext under the same id in a session that is made anew, of the keys that came
 * with the receipt or else of the user's bundle. To be run in the person's lane.
 * @returns false when this was never sent, or no keys are there to send it with.
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
  // A new phone has it no more; whom the user has blocked is not heard. Neither is the asker's mistake.
  if (sent.plaintext.length === 0 || messages.blocked(person.id, account.id, "user")) return true;
  const keys = bundle ?? (await person.desk.take(account, person.names));
  if (keys === undefined) return false;
  const op = person.signal.operation(accountJid(account));
  await openSession(person, account, op, keys);
  const ciphertext = await encryptFor(person, account, sent.plaintext, op);
  const { jid: from, name, network } = person.row;
  const { sts, type, load } = sent;
  await person.signal.commit(op.changes, () => {
    messages.retried(account.id, id, person.id);
    mailbox.post(
      messageLetter({ account: account.id, id, from, name, network, type, sts, ciphertext, load }),
    );
  });
  wake(account.id);
  return true;
}
