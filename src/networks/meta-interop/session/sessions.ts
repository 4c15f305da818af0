import { setImmediate as nextTurn } from "node:timers/promises";
import { BridgeError } from "../../../core/model/errors.ts";
import type { PersonId } from "../../../core/model/ids.ts";
import type { PublicBundle } from "../../../signal-protocol/public-keys.ts";
import { BadBundle, type SealedCiphertext } from "../../../signal-protocol/signal-account.ts";
import type { SignalTransaction } from "../../../signal-protocol/signal-transaction.ts";
import type { Connection } from "../connection/connection.ts";
import { messageRefused } from "../connection/refusals.ts";
import { StanzaError } from "../connection/stanza-requests.ts";
import { interopGroups } from "../group-records.ts";
import { errorCode } from "../wire/attributes.ts";
import { child, children, node } from "../wire/node.ts";
import { pad } from "../wire/padding.ts";
import { deviceOf } from "./device-address.ts";
import { readBundle } from "./key-stanzas.ts";
import { identityChanged, type LoginContext } from "./login-context.ts";

/** Sessions that are made in one turn of the event loop, at a millisecond or so each. */
const SESSIONS_A_TURN = 10;

/**
 * Encrypts an encoded plaintext for a contact, in a new session where there is none. The new session is committed, with the event of a
 * changed key, before anything is encrypted in it.
 */
export async function encryptFor(
  context: LoginContext,
  work: SignalTransaction,
  contact: PersonId,
  plaintext: Uint8Array,
  connection: Connection,
): Promise<SealedCiphertext> {
  const to = deviceOf(contact);
  const padded = pad(plaintext);
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
  if (!(await begin(context, work, contact, bundle))) throw badKeys(context.profile.name);
  await commitSessions(context, work, work.identityChanged(contact) ? [contact] : []);
}

/**
 * Makes sessions from several people's bundles. Only where somebody's key changed, that and the sessions are committed
 * at once; else they are with what is encrypted in them.
 */
export async function startSessions(
  context: LoginContext,
  work: SignalTransaction,
  bundles: ReadonlyMap<PersonId, PublicBundle>,
): Promise<{ readonly changed: readonly PersonId[]; readonly unusable: readonly PersonId[] }> {
  const changed: PersonId[] = [];
  const unusable: PersonId[] = [];
  let count = 0;
  for (const [person, bundle] of bundles) {
    count += 1;
    if (count % SESSIONS_A_TURN === 0) await nextTurn();
    if (!(await begin(context, work, person, bundle))) unusable.push(person);
    else if (work.identityChanged(person)) changed.push(person);
  }
  if (changed.length > 0) await commitSessions(context, work, changed);
  return { changed, unusable };
}

/** False where no session can be made from the bundle. */
async function begin(
  { signal }: LoginContext,
  work: SignalTransaction,
  person: PersonId,
  bundle: PublicBundle,
): Promise<boolean> {
  try {
    await signal.start(work, deviceOf(person), bundle);
    return true;
  } catch (cause) {
    if (!(cause instanceof BadBundle)) throw cause;
    return false;
  }
}

async function commitSessions(
  { sink, clock, login }: LoginContext,
  work: SignalTransaction,
  changed: readonly PersonId[],
): Promise<void> {
  const events = [];
  for (const person of changed) events.push(await identityChanged(work, person, clock.now()));
  const ratchets = work.record();
  await sink.accept(events, (tx) => {
    ratchets(tx);
    for (const person of changed) tx.family(interopGroups).renewKeysWith(login, person);
  });
  work.publish();
}

/** Fetches a contact's keys. Throws BridgeError. */
export async function fetchBundle(
  context: LoginContext,
  contact: PersonId,
  connection: Connection,
): Promise<PublicBundle> {
  const bundles = await fetchBundles(context, [contact], connection);
  const bundle = bundles.get(contact);
  if (bundle instanceof BridgeError) throw bundle;
  if (!bundle) throw badKeys(context.profile.name);
  return bundle;
}

/**
 * Fetches the keys of several people (`<iq xmlns="encrypt" type="get">`); their one-time keys are given to us only. Of
 * whom there are none, why. Throws BridgeError where all is refused.
 */
export async function fetchBundles(
  { profile }: LoginContext,
  people: readonly PersonId[],
  connection: Connection,
): Promise<ReadonlyMap<PersonId, PublicBundle | BridgeError>> {
  let answer: Awaited<ReturnType<Connection["requests"]["ask"]>>;
  try {
    answer = await connection.requests.ask({ xmlns: "encrypt", type: "get" }, [
      node(
        "key",
        {},
        people.map((jid) => node("user", { jid })),
      ),
    ]);
  } catch (error) {
    if (error instanceof StanzaError) throw messageRefused(error.code, profile.name, undefined);
    throw error;
  }
  const list = child(answer, "list");
  const users = new Map((list ? children(list, "user") : []).map((user) => [user.attrs["jid"], user]));
  return new Map(
    people.map((person) => {
      const user = users.get(person);
      const error = user && child(user, "error");
      if (error) return [person, messageRefused(errorCode(error.attrs["code"]), profile.name, undefined)];
      return [person, (user && readBundle(user, child(user, "registration"))) ?? badKeys(profile.name)];
    }),
  );
}

function badKeys(network: string): BridgeError {
  return new BridgeError("remote-refused", {
    words: `${network} gave keys for this person that cannot be used.`,
    certain: true,
    retryAfter: 5_000,
  });
}
