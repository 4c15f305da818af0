import { BridgeError } from "../../../core/model/errors.ts";
import type { LoginId, UserId } from "../../../core/model/ids.ts";
import type { DoneStep } from "../../../core/ports/login-flow.ts";
import type { Login } from "../../../core/ports/rows.ts";
import type { Store } from "../../../core/ports/store.ts";
import { aciOf, signalRecords } from "../../../signal-protocol/signal-records.ts";
import { ownAddress } from "../ids.ts";
import type { Profile } from "../profile.ts";
import { generateKeyPair, type KeyPair } from "../wire/noise/x25519.ts";
import { type Identifier, readAccount, readKeyPair, writeAccount, writeKeyPair } from "./account.ts";
import type { AllowedHosts } from "./allowed-hosts.ts";
import { deleteEnlist, postEnlist } from "./enlist-api.ts";
import { makeToken, type TokenMaker } from "./token.ts";

/**
 * Finds the identifier by which a network's users see a person. The bridge vouches for it, so it never comes from what
 * the person typed. Throws BridgeError.
 */
export type IdentifierOf = (user: UserId) => Promise<Identifier>;

/** What an enlistment adds to the login. */
export type Enlisted = Omit<DoneStep, "kind">;

export interface EnlistParts {
  readonly profile: Profile;
  /** The network's interface, without a slash at the end. */
  readonly url: string;
  readonly store: Store;
  readonly tokens: TokenMaker;
  readonly identifierOf: IdentifierOf;
  readonly hosts: AllowedHosts;
  /** Ends a request that is under way. */
  readonly stopping?: AbortSignal | undefined;
}

/** The scope of Noise keys that may be enlisted already, because the answer to an enlistment was lost. */
const PENDING_NOISE_KEYS = "meta-interop/enlisting";

export async function enlist(
  { profile, url, store, tokens, identifierOf, hosts, stopping }: EnlistParts,
  { login, user }: { readonly login: LoginId; readonly user: UserId },
): Promise<Enlisted> {
  const identifier = await identifierOf(user);
  const pending = `${profile.id}/${user}`;
  const [existing] = await store.logins.of(user, profile.id);
  const noise = enlistedNoiseKey(existing) ?? (await pendingNoiseKey(store, pending));
  const endpoint = `${url}/v1/enlist`;
  const token = await makeToken(tokens, { identifier, audience: endpoint, noiseKey: noise.publicKey });
  const enlistEndpoint = { url: endpoint, network: profile.name, stopping };
  const answer = await postEnlist(enlistEndpoint, token);
  if (ownAddress(answer.jid) === undefined) {
    throw new BridgeError("remote-refused", {
      words: `${profile.name} answered with something this bridge does not understand. Tell whoever runs this bridge.`,
      certain: false,
    });
  }
  try {
    hosts.require(answer.chat_url, answer.media_proxy, answer.media_url);
  } catch (error) {
    // The bridge cannot connect to these addresses, so the person is delisted at once: others would write to them in
    // vain.
    const audience = endpoint;
    const again = await makeToken(tokens, { identifier, audience, noiseKey: noise.publicKey });
    await deleteEnlist(enlistEndpoint, answer.account_id, again).catch(() => undefined);
    throw error;
  }
  const { makeOwnKeys } = await import("../../../signal-protocol/key-maker.ts");
  const own = makeOwnKeys();
  return {
    visibleId: identifier.value,
    account: writeAccount({
      accountId: answer.account_id,
      jid: answer.jid,
      chatUrl: answer.chat_url,
      mediaProxy: answer.media_proxy,
      mediaUrl: answer.media_url,
      identifier,
      noise,
    }),
    record(tx) {
      tx.family(signalRecords).setOwn(aciOf(login), own);
      tx.records.remove(PENDING_NOISE_KEYS, pending);
    },
  };
}

export async function delist({ profile, url, tokens, stopping }: EnlistParts, login: Login): Promise<void> {
  const account = readAccount(login.account);
  const endpoint = `${url}/v1/enlist`;
  const token = await makeToken(tokens, {
    // The identifier as it was enlisted: a mapping that the administrator has removed since must not keep anybody
    // enlisted.
    identifier: account.identifier,
    audience: endpoint,
    noiseKey: account.noise.publicKey,
  });
  await deleteEnlist({ url: endpoint, network: profile.name, stopping }, account.accountId, token);
}

/** Rejects when the person's identifier is no longer the enlisted one, because a mapping was removed or changed. */
export async function vouch(
  identifierOf: IdentifierOf,
  user: UserId,
  enlisted: Identifier,
  { id, name }: Pick<Profile, "id" | "name">,
): Promise<void> {
  const { type, value } = await identifierOf(user);
  if (type === enlisted.type && value === enlisted.value) return;
  throw new BridgeError("forbidden", {
    words: `Contacts on ${name} know you as ${enlisted.value}, which is no longer how this bridge knows you. Write “disable ${id}”, then “enable ${id}”.`,
    certain: true,
  });
}

/** The Noise key of the person's existing login, such as one whose delisting was not finished. */
function enlistedNoiseKey(login: Login | undefined): KeyPair | undefined {
  try {
    return login && readAccount(login.account).noise;
  } catch {
    return undefined;
  }
}

/**
 * The Noise key for the account to be enlisted. It is stored before the network gets it, so that a repeated enlistment
 * shows the same one.
 */
async function pendingNoiseKey(store: Store, name: string): Promise<KeyPair> {
  const stored = await store.records.get(PENDING_NOISE_KEYS, name);
  if (stored !== undefined) return readKeyPair(stored);
  const made = generateKeyPair();
  await store.write((tx) => tx.records.set(PENDING_NOISE_KEYS, name, JSON.stringify(writeKeyPair(made))));
  return made;
}
