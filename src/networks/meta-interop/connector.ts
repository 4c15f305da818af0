import type { Clock, Random } from "../../core/clock.ts";
import type { LoginId, UserId } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import type { Enlisted, HttpRoute, Network, NetworkClient, RemoteSink } from "../../core/network.ts";
import type { Login } from "../../core/rows.ts";
import type { Store } from "../../core/store.ts";
import { type Account, readAccount } from "./account.ts";
import { InteropClient } from "./client.ts";
import { decodeRootKey, type NetworkSection } from "./config.ts";
import { PreKeySupply } from "./e2ee/prekey-supply.ts";
import { SignalAccount } from "./e2ee/signal-account.ts";
import { ownAddress } from "./ids.ts";
import type { JwtKeys } from "./jwt-keys.ts";
import { LateClient } from "./late-client.ts";
import { delist, enlist, type IdentifierOf, type LoginParts } from "./login.ts";
import type { Profile } from "./profile.ts";
import { RetryBook } from "./retry-book.ts";
import { ServerTimes } from "./server-times.ts";
import type { TokenMaker } from "./token.ts";

export interface ConnectorParts {
  readonly profile: Profile;
  readonly section: NetworkSection;
  /** This bridge's public address, and its keys. */
  readonly issuer: string;
  readonly keys: JwtKeys;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly identifierOf: IdentifierOf;
  readonly routes: readonly HttpRoute[];
}

/** One of the gatekeeper's networks. */
export class InteropNetwork implements Network {
  readonly id;
  readonly name;
  readonly addressing;
  readonly limits;
  readonly notice;
  readonly routes: readonly HttpRoute[];
  readonly #parts: ConnectorParts;
  readonly #clients = new Map<string, LateClient>();

  constructor(parts: ConnectorParts) {
    const { id, name, addressing, limits, notice } = parts.profile;
    this.id = id;
    this.name = name;
    this.addressing = addressing;
    this.limits = limits;
    this.notice = notice;
    this.routes = parts.routes;
    this.#parts = parts;
  }

  enlist(request: { readonly login: LoginId; readonly user: UserId }): Promise<Enlisted> {
    return enlist(this.#loginParts, request);
  }

  delist(login: Login): Promise<void> {
    return delist(this.#loginParts, login);
  }

  /** Throws where the login's account cannot be read. */
  connect(login: Login, sink: RemoteSink): NetworkClient {
    const { profile, clock, log } = this.#parts;
    const account = readAccount(login.account);
    const client = new LateClient({
      load: () => this.#load(login.id, account, sink),
      network: profile.name,
      sink,
      clock,
      log,
    });
    this.#clients.set(account.accountId, client);
    return client;
  }

  /** The gatekeeper says something waits for an account; false where it is none of ours. */
  wake(accountId: string): boolean {
    const client = this.#clients.get(accountId);
    client?.wake();
    return client !== undefined;
  }

  async #load(login: LoginId, account: Account, sink: RemoteSink): Promise<InteropClient | undefined> {
    const { profile, section, store, clock, random, log } = this.#parts;
    const own = await store.signal.own(login);
    const address = ownAddress(account.jid);
    if (!own || address === undefined) return undefined;
    const now = () => clock.now();
    const signal = new SignalAccount({ reads: store.signal, login, address, own, now });
    return new InteropClient({
      scene: {
        login,
        profile,
        store,
        sink,
        clock,
        random,
        log,
        signal,
        supply: new PreKeySupply({ store, login, own: signal.own, now }),
        retries: await RetryBook.load(store, login),
        times: new ServerTimes(store, login),
      },
      account,
      rootKey: decodeRootKey(section.root_key),
      tokens: this.#tokens,
    });
  }

  get #tokens(): TokenMaker {
    const { issuer, keys, clock, random } = this.#parts;
    return { issuer, keys, clock, random };
  }

  get #loginParts(): LoginParts {
    const { profile, section, store, identifierOf } = this.#parts;
    return { profile, url: section.url, store, tokens: this.#tokens, identifierOf };
  }
}
