import { BridgeError } from "../../../core/model/errors.ts";
import type { PersonId } from "../../../core/model/ids.ts";
import type { PublicBundle } from "../../../signal-protocol/public-keys.ts";
import { BadBundle, type SealedCiphertext } from "../../../signal-protocol/signal-account.ts";
import type { SignalTransaction } from "../../../signal-protocol/signal-transaction.ts";
import type { Connection } from "../connection/connection.ts";
import { messageRefused } from "../connection/refusals.ts";
import { StanzaError } from "../connection/stanza-requests.ts";
import { errorCode } from "../wire/attributes.ts";
import { child, children, node } from "../wire/node.ts";
import { pad } from "../wire/padding.ts";
import { encodePlaintext } from "../wire/plaintext.ts";
import type { Plaintext } from "../wire/plaintext-kinds.ts";
import { deviceOf } from "./device-address.ts";
import { readBundle } from "./key-stanzas.ts";
import { identityChanged, type LoginContext } from "./login-context.ts";

/**
 * Encrypts for a contact, in a new session where there is none. The new session is committed, with the event of a
 * changed key, before anything is encrypted in it.
 */
export async function encryptFor(
  context: LoginContext,
  work: SignalTransaction,
  contact: PersonId,
  plaintext: Plaintext,
  connection: Connection,
): Promise<SealedCiphertext> {
  const to = deviceOf(contact);
  const padded = pad(encodePlaintext(context.profile.plaintext, plaintext));
  const sealed = await context.signal.encrypt(work, to, padded);
  if (sealed) return sealed;
  await startSession(context, work, contact, await fetchBundle(context, contact, connection));
  const ciphertext = await context.signal.encrypt(work, to, padded);
  if (!ciphertext) throw badKeys(context.profile.name);
  return ciphertext;
}

/** Makes a session from a bundle and commits it. */
export async function startSession(
  context: LoginContext,
  work: SignalTransaction,
  contact: PersonId,
  bundle: PublicBundle,
): Promise<void> {
  try {
    await context.signal.start(work, deviceOf(contact), bundle);
  } catch (cause) {
    if (!(cause instanceof BadBundle)) throw cause;
    throw badKeys(context.profile.name, cause);
  }
  const events = work.identityChanged(contact)
    ? [await identityChanged(work, contact, context.clock.now())]
    : [];
  await context.sink.accept(events, work.record());
  work.publish();
}

/** Fetches a contact's keys (`<iq xmlns="encrypt" type="get">`); its one-time keys are given to us only. */
export async function fetchBundle(
  { profile }: LoginContext,
  contact: PersonId,
  connection: Connection,
): Promise<PublicBundle> {
  let answer: Awaited<ReturnType<Connection["requests"]["ask"]>>;
  try {
    answer = await connection.requests.ask({ xmlns: "encrypt", type: "get" }, [
      node("key", {}, [node("user", { jid: contact })]),
    ]);
  } catch (error) {
    if (error instanceof StanzaError) throw messageRefused(error.code, profile.name, undefined);
    throw error;
  }
  const list = child(answer, "list");
  const user = list && children(list, "user").find(({ attrs }) => attrs["jid"] === contact);
  const error = user && child(user, "error");
  if (error) throw messageRefused(errorCode(error.attrs["code"]), profile.name, undefined);
  const bundle = user && readBundle(user, child(user, "registration"));
  if (!bundle) throw badKeys(profile.name);
  return bundle;
}

function badKeys(network: string, cause?: unknown): BridgeError {
  return new BridgeError("remote-refused", {
    words: `${network} gave keys for this person that cannot be used.`,
    certain: true,
    retryAfter: 5_000,
    cause,
  });
}
