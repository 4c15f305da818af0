import type { LoginId, MessageId, PersonId } from "../../core/model/ids.ts";
import type { MediaTools } from "../../core/model/media.ts";
import type { Clock, Random } from "../../core/ports/clock.ts";
import type { Log } from "../../core/ports/log.ts";
import type { DisplayStep, LoginFlow, LoginRequest, PersonSetting } from "../../core/ports/login-flow.ts";
import type {
  Network,
  NetworkClient,
  NetworkTrouble,
  NewMessage,
  RemoteSink,
} from "../../core/ports/network.ts";
import type { Login } from "../../core/ports/rows.ts";
import type { Store } from "../../core/ports/store.ts";
import { readAccount } from "./account.ts";
import { capabilities } from "./capabilities.ts";
import type { SignalClient } from "./client.ts";
import type { SignalSection } from "./config.ts";
import type { ServerAccess } from "./connection/server-access.ts";
import { newMessageId, personOf, SIGNAL } from "./ids.ts";
import { qrFlow } from "./link/qr-flow.ts";
import { LoadingSignalClient } from "./loading-signal-client.ts";
import type { SignalFiles } from "./media/signal-files.ts";
import { notice } from "./notice.ts";
import type { SignalServers } from "./servers.ts";
import { Challenges } from "./service/challenges.ts";

export interface ConnectorParts {
  readonly section: SignalSection;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly tools: MediaTools;
  readonly log: Log;
  /** Ends transfers and requests that are under way. */
  readonly stopping: AbortSignal;
}

/** The way to the servers, made when somebody first needs it: it loads libsignal. */
interface Reached {
  readonly access: ServerAccess;
  readonly servers: SignalServers;
  readonly files: SignalFiles;
}

/** Signal, to which people link this bridge as one of their devices. */
export class SignalNetwork implements Network {
  readonly id = SIGNAL;
  readonly name = "Signal";
  readonly colour = "#2657c1";
  readonly addressing = "a user name, a link to one, or a phone number with country code";
  readonly example = "ana.01";
  readonly capabilities = capabilities;
  readonly logins = "many";
  readonly ownApp = true;
  readonly groups = true;
  readonly quotes = true;
  readonly noticeVersion = notice.version;
  readonly routes = [];
  readonly flows: readonly LoginFlow[];
  readonly settings: readonly PersonSetting[];
  readonly #parts: ConnectorParts;
  readonly #challenges: Challenges;
  /** Our own account's id, of each login that is connected. */
  readonly #own = new Map<LoginId, PersonId>();
  #reached: Promise<Reached> | undefined;

  constructor(parts: ConnectorParts) {
    this.#parts = parts;
    this.#challenges = new Challenges({ loginsOf: (user) => parts.store.logins.of(user, this.id) });
    this.flows = [qrFlow(notice, (request) => this.#showCode(request))];
    this.settings = [this.#challenges];
    parts.stopping.addEventListener("abort", () => void this.#close(), { once: true });
  }

  messageId(message: NewMessage): MessageId {
    const own = this.#own.get(message.login);
    if (own === undefined) throw new Error("a message of a login that was never connected");
    return newMessageId(own, message);
  }

  /** Throws where the login's account cannot be read. */
  selfOf({ account }: Login): PersonId | undefined {
    return personOf(readAccount(account).aci);
  }

  /** Throws where the login's account cannot be read. */
  connect(login: Login, sink: RemoteSink): NetworkClient {
    const account = readAccount(login.account);
    const own = personOf(account.aci);
    if (own === undefined) throw new Error("an account without an id");
    this.#own.set(login.id, own);
    const { clock, log } = this.#parts;
    const client: LoadingSignalClient = new LoadingSignalClient({
      load: () => this.#load(login, sink, () => void client.reload()),
      profile: this,
      restored: `Write “enable ${this.id}” to the bot to link it again; your chats go on in their rooms then.`,
      closed: () => undefined,
      sink,
      clock,
      log,
    });
    return client;
  }

  async delist({ account }: Login): Promise<void> {
    const [{ access }, { removeOwnDevice }] = await Promise.all([
      this.#reach(),
      import("./service/devices.ts"),
    ]);
    await removeOwnDevice(access.net, readAccount(account));
  }

  async check(): Promise<NetworkTrouble | undefined> {
    const [{ access }, { checkServer }] = await Promise.all([
      this.#reach(),
      import("./connection/network-check.ts"),
    ]);
    return checkServer(access);
  }

  async #showCode(request: LoginRequest): Promise<DisplayStep> {
    const { store, clock, section } = this.#parts;
    const [{ access }, { showCode }, { linkAccount }] = await Promise.all([
      this.#reach(),
      import("./link/show-code.ts"),
      import("./link/link-account.ts"),
    ]);
    const parts = { network: this.id, deviceName: section.device_name, store, clock, access };
    const link: Parameters<typeof showCode>[0]["link"] = (...asked) => linkAccount(parts, ...asked);
    return showCode({ shared: access.net, clock, link }, request);
  }

  /** The account is read anew, as the phone may have changed it since. */
  async #load(row: Login, sink: RemoteSink, renew: () => void): Promise<SignalClient | undefined> {
    const { id: login, user } = row;
    const account = readAccount(((await this.#parts.store.logins.get(login)) ?? row).account);
    const { store, clock, random, log, stopping } = this.#parts;
    const [{ access, servers, files }, { openClient }] = await Promise.all([
      this.#reach(),
      import("./open-client.ts"),
    ]);
    return openClient({
      login,
      network: this.id,
      user,
      account,
      access,
      servers,
      store,
      sink,
      clock,
      random,
      log,
      challenges: this.#challenges,
      files,
      renew,
      stopping,
    });
  }

  /** Throws BridgeError where the section has a value that cannot be used. */
  #reach(): Promise<Reached> {
    this.#reached ??= reached(this.#parts);
    return this.#reached;
  }

  async #close(): Promise<void> {
    const open = await this.#reached?.catch(() => undefined);
    await open?.access[Symbol.asyncDispose]();
    await open?.files[Symbol.asyncDispose]();
  }
}

async function reached({ section, clock, tools, stopping }: ConnectorParts): Promise<Reached> {
  const [{ signalServers }, { ServerAccess }, { SignalFiles }, { USER_AGENT }] = await Promise.all([
    import("./servers.ts"),
    import("./connection/server-access.ts"),
    import("./media/signal-files.ts"),
    import("./service/shared-net.ts"),
  ]);
  const servers = signalServers(section.server);
  const parts = { servers, userAgent: USER_AGENT, granted: capabilities, tools, clock, stopping };
  return { servers, access: new ServerAccess(servers, clock), files: new SignalFiles(parts) };
}
