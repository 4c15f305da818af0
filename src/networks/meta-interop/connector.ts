import type { MessageId, PersonId } from "../../core/model/ids.ts";
import type { MediaTools } from "../../core/model/media.ts";
import type { Clock, Random } from "../../core/ports/clock.ts";
import type { HttpRoute } from "../../core/ports/http-route.ts";
import type { Log } from "../../core/ports/log.ts";
import type { LoginFlow, PersonSetting } from "../../core/ports/login-flow.ts";
import type {
  Network,
  NetworkClient,
  NetworkTrouble,
  NewMessage,
  RemoteSink,
} from "../../core/ports/network.ts";
import type { Login } from "../../core/ports/rows.ts";
import type { Store } from "../../core/ports/store.ts";
import { type Account, readAccount } from "./account/account.ts";
import { AllowedHosts } from "./account/allowed-hosts.ts";
import { delist, type EnlistParts, enlist, type IdentifierOf, vouch } from "./account/enlist.ts";
import type { JwtKeys } from "./account/jwt-keys.ts";
import type { TokenMaker } from "./account/token.ts";
import type { InteropClient } from "./client.ts";
import { decodeRootKey, type NetworkSection } from "./config.ts";
import { AckTracker } from "./connection/ack-tracker.ts";
import { checkNetwork } from "./connection/network-check.ts";
import { newMessageId, ownAddress } from "./ids.ts";
import { LoadingInteropClient } from "./loading-interop-client.ts";
import { consentFlow } from "./login/consent-flow.ts";
import type { Residences } from "./login/residences.ts";
import type { MediaHost } from "./media/media-host.ts";
import type { Profile } from "./profile.ts";

/** Milliseconds after which the store no longer has a login that was delisted, so that its files are swept. */
const SWEEP_AFTER_DELISTING = 2_000;

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
  readonly residences: Residences;
  readonly host: MediaHost;
  readonly tools: MediaTools;
  readonly routes: readonly HttpRoute[];
  /** Ends transfers and requests that are under way. */
  readonly stopping?: AbortSignal | undefined;
}

/** One of the gatekeeper's networks. */
export class InteropNetwork implements Network {
  readonly id;
  readonly name;
  readonly colour;
  readonly addressing;
  readonly example;
  readonly capabilities;
  readonly optIn = { what: "third-party chats", where: "Settings, Account, Third-party chats" };
  readonly audience = `who turned on ${this.optIn.what}`;
  readonly logins = "one";
  readonly groups = true;
  readonly flows: readonly LoginFlow[];
  readonly noticeVersion;
  readonly settings: readonly PersonSetting[];
  readonly routes: readonly HttpRoute[];
  readonly #parts: ConnectorParts;
  readonly #clients = new Map<string, LoadingInteropClient>();
  readonly #acks: AckTracker;
  readonly #hosts: AllowedHosts;

  constructor(parts: ConnectorParts) {
    const { id, name, colour, addressing, example, capabilities, notice } = parts.profile;
    this.id = id;
    this.name = name;
    this.colour = colour;
    this.addressing = addressing;
    this.example = example;
    this.capabilities = capabilities;
    this.noticeVersion = notice.version;
    this.settings = [parts.residences];
    this.flows = [
      consentFlow({
        profile: parts.profile,
        residences: parts.residences,
        enlist: (request) => enlist(this.#enlistParts, request),
      }),
    ];
    this.routes = parts.routes;
    this.#parts = parts;
    this.#hosts = new AllowedHosts(parts);
    this.#acks = new AckTracker(parts.clock, name);
  }

  async delist(login: Login): Promise<void> {
    await delist(this.#enlistParts, login);
    const { clock, host } = this.#parts;
    clock.after(SWEEP_AFTER_DELISTING, () => void host.sweep());
  }

  messageId(message: NewMessage): MessageId {
    return newMessageId(message);
  }

  check(): Promise<NetworkTrouble | undefined> {
    const { profile, section, issuer, keys, clock } = this.#parts;
    return checkNetwork({ profile, url: section.url, issuer, keys, clock });
  }

  /** Throws where the login's account cannot be read. */
  selfOf({ account }: Login): PersonId | undefined {
    return ownAddress(readAccount(account).jid) as PersonId | undefined;
  }

  /** Throws where the login's account cannot be read. */
  connect(login: Login, sink: RemoteSink): NetworkClient {
    const { profile, clock, log } = this.#parts;
    const account = readAccount(login.account);
    const { accountId } = account;
    const release = this.#parts.host.use();
    const client: LoadingInteropClient = new LoadingInteropClient({
      load: () => this.#load(login, account, sink),
      profile,
      restored: `Write “disable ${profile.id}”, then “enable ${profile.id}”.`,
      closed: () => {
        release();
        if (this.#clients.get(accountId) === client) this.#clients.delete(accountId);
      },
      sink,
      clock,
      log,
    });
    this.#clients.set(accountId, client);
    return client;
  }

  /**
   * Connects an account's login now, because the gatekeeper has something for it; false where the account is not ours.
   */
  wake(accountId: string): boolean {
    const client = this.#clients.get(accountId);
    client?.wake();
    return client !== undefined;
  }

  async #load(row: Login, account: Account, sink: RemoteSink): Promise<InteropClient | undefined> {
    const { profile, section, store, clock, random, log, host, tools, identifierOf } = this.#parts;
    const { id: login, user } = row;
    // Imported only here, so that the bridge's start does not wait for a third of its code.
    const { openClient } = await import("./open-client.ts");
    const rootKey = decodeRootKey(section.root_key);
    return openClient({
      login,
      user,
      profile,
      store,
      sink,
      clock,
      random,
      log,
      acks: this.#acks,
      account,
      rootKey,
      tokens: this.#tokens,
      host,
      tools,
      hosts: this.#hosts,
      stopping: this.#parts.stopping,
      vouch: () => vouch(identifierOf, user, account.identifier, profile),
    });
  }

  get #tokens(): TokenMaker {
    const { issuer, keys, clock, random } = this.#parts;
    return { issuer, keys, clock, random };
  }

  get #enlistParts(): EnlistParts {
    const { profile, section, store, identifierOf, stopping } = this.#parts;
    return {
      profile,
      url: section.url,
      store,
      tokens: this.#tokens,
      identifierOf,
      hosts: this.#hosts,
      stopping,
    };
  }
}
