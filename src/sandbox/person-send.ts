import { CiphertextMessageType, processPreKeyBundle, signalEncrypt } from "@signalapp/libsignal-client";
import type { Account } from "./accounts.ts";
import type { Bundle } from "./held-prekeys.ts";
import { HttpError } from "./http-error.ts";
import { messageLetter } from "./letters.ts";
import type { Person } from "./person.ts";
import { signalBundle } from "./signal-bundle.ts";
import type { Overlay } from "./signal-overlay.ts";

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
export async function openSession(
  person: Person,
  account: Account,
  op: Overlay,
  bundle?: Bundle,
): Promise<void> {
  const { local, remote } = person.addresses(account);
  const session = await op.sessions.getSession(remote);
  if (bundle === undefined && session?.hasCurrentState() === true) return;
  const keys = bundle ?? (await person.desk.take(account, person.names));
  if (keys === undefined) throw noKeys();
  await processPreKeyBundle(signalBundle(keys), remote, local, op.sessions, op.identities);
}

export async function encryptFor(person: Person, account: Account, plaintext: Uint8Array, op: Overlay) {
  const { local, remote } = person.addresses(account);
  const input = Uint8Array.from(plaintext);
  const message = await signalEncrypt(input, remote, local, op.sessions, op.identities);
  const prekey: number = CiphertextMessageType.PreKey;
  const type = message.type() === prekey ? ("pkmsg" as const) : ("msg" as const);
  return { type, bytes: message.serialize() };
}

/**
 * Sends drafts in order: encrypted, then ratchet, plaintext for retries and the letters committed at once.
 * To be run in the person's lane.
 */
export async function sendDrafts(
  person: Person,
  account: Account,
  drafts: readonly Draft[],
  load: number | null = null,
  also: () => void = () => undefined,
): Promise<void> {
  const { messages, mailbox, serverTime, wake } = person.parts;
  const op = person.signal.operation();
  await openSession(person, account, op);
  const ready: { readonly draft: Draft; readonly ciphertext: Awaited<ReturnType<typeof encryptFor>> }[] = [];
  for (const draft of drafts) {
    ready.push({ draft, ciphertext: await encryptFor(person, account, draft.plaintext, op) });
  }
  const { jid: from, name, network } = person.row;
  const dropped = messages.blocked(person.id, account.id, "user");
  await person.signal.commit(op.changes, () => {
    messages.relate(person.id, account.id);
    for (const { draft, ciphertext } of ready) {
      const { id, plaintext, type } = draft;
      const sts = serverTime();
      messages.putSent({ person: person.id, account: account.id, id, sts, plaintext, type, load });
      // Whom the user has blocked hears nothing of it.
      if (dropped) continue;
      mailbox.post(
        messageLetter({ account: account.id, id, from, name, network, type, sts, ciphertext, load }),
      );
    }
    also();
  });
  if (!dropped) wake(account.id);
}

/**
 * Answers a retry receipt: the same plaintext under the same id in a session that is made anew, of the keys that came
 * with the receipt or else of the user's bundle. To be run in the person's lane.
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
  const keys = bundle ?? (await person.desk.take(account, person.names));
  if (keys === undefined) return false;
  const op = person.signal.operation();
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
