import type { BridgeError } from "../../src/core/model/errors.ts";
import type { Role } from "../../src/core/model/groups.ts";
import type { ChatId, LoginId, NetworkId, PersonId, UserId } from "../../src/core/model/ids.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { LoginFlow, NoticeText, PersonSetting } from "../../src/core/ports/login-flow.ts";
import type {
  ConnectionState,
  Found,
  Network,
  NetworkContact,
  RemoteSink,
} from "../../src/core/ports/network.ts";
import type { Login } from "../../src/core/ports/rows.ts";
import type { Store } from "../../src/core/ports/store.ts";
import type { Enlisted } from "../../src/networks/meta-interop/account/enlist.ts";
import { consentFlow } from "../../src/networks/meta-interop/login/consent-flow.ts";
import type { Residences } from "../../src/networks/meta-interop/login/residences.ts";
import { ALL } from "./everything-granted.ts";
import { keptResidences } from "./kept-residences.ts";
import { MemoryClient } from "./memory-client.ts";
import { type Bring, MemoryGroup, selfOf } from "./memory-group.ts";
import { type MessageNaming, namer } from "./message-naming.ts";
import { PowerLine } from "./power-line.ts";

/** The network port in memory, with contacts who do what a test tells them. */
export class MemoryNetwork implements Network {
  readonly id = "whatsapp" as NetworkId;
  readonly name: string = "WhatsApp";
  readonly colour = "#1b8f4d";
  readonly addressing: string = "a phone number with country code";
  readonly logins: Network["logins"] = "one";
  readonly optIn = { what: "third-party chats", where: "Settings, Account, Third-party chats" };
  readonly audience = `who turned on ${this.optIn.what}`;
  ownApp?: true;
  quotes?: true;
  readonly capabilities = ALL;
  readonly groups = true;
  /** The groups there are; every other chat is between two. */
  readonly groupsById = new Map<ChatId, MemoryGroup>();
  /** The groups that people of ours made, by the keys they made them with. */
  readonly groupKeys = new Map<string, ChatId>();
  notice: NoticeText = { version: 1, paragraphs: ["The notice."] };
  readonly routes = [];
  /** The store in which the network keeps where people live. */
  store: Store | undefined;
  readonly #residences: Residences;
  readonly enlisted = new Map<UserId, LoginId>();
  readonly clients = new Map<LoginId, MemoryClient>();
  readonly #connected = new Map<UserId, MemoryClient>();
  readonly contacts = new Map<string, Found>();
  /** The power line of the present bridge. */
  line = new PowerLine();
  /** The reference of a contact's picture; a network without any does not say. */
  readonly pictures = new Map<string, string>();
  /** The bytes of contacts' files, by the connector's reference. */
  readonly files = new Map<string, Uint8Array>();
  /** The state in which connections begin. */
  initially: ConnectionState = { kind: "connected" };
  readonly clock: Pick<Clock, "after" | "now">;
  enlistFault: BridgeError | undefined;
  delistFault: BridgeError | undefined;
  #naming: MessageNaming = "by-row";
  /** Everything we send comes back as our person's own. */
  copies = false;
  /** The seconds after which a chat's messages disappear. */
  readonly timers = new Map<ChatId, number>();
  /** Whether a chat is a request; where it is not in here, the network has no such thing. */
  readonly requests = new Map<ChatId, boolean>();
  /** Chats that people have with themselves. */
  readonly selves = new Set<ChatId>();
  /** What people answered to requests, and what the next answers throw. */
  readonly answered: string[] = [];
  readonly answerFaults: BridgeError[] = [];
  /** The last number that the network gave to a message. */
  numbered = 1_000;
  messageId?: NonNullable<Network["messageId"]>;

  constructor(clock: Pick<Clock, "after" | "now">) {
    this.clock = clock;
    this.naming = "by-row";
    this.#residences = keptResidences(this, clock);
  }
  get naming(): MessageNaming {
    return this.#naming;
  }
  set naming(naming: MessageNaming) {
    this.#naming = naming;
    const messageId = namer(naming);
    if (messageId) this.messageId = messageId;
    else delete this.messageId;
  }
  get noticeVersion(): number {
    return this.notice.version;
  }
  get flows(): readonly LoginFlow[] {
    const enlist = (request: Parameters<MemoryNetwork["enlist"]>[0]) => this.enlist(request);
    return [consentFlow({ profile: this, residences: this.#residences, enlist })];
  }
  get settings(): readonly PersonSetting[] {
    return [this.#residences];
  }
  async enlist({ login, user }: { readonly login: LoginId; readonly user: UserId }): Promise<Enlisted> {
    if (this.enlistFault) throw this.enlistFault;
    this.enlisted.set(user, login);
    return { visibleId: user, account: "{}", record: () => {} };
  }
  async delist({ user }: Login): Promise<void> {
    if (this.delistFault) throw this.delistFault;
    this.enlisted.delete(user);
  }
  connect(login: Login, sink: RemoteSink): MemoryClient {
    const client = new MemoryClient(this, login, this.line.over(sink), this.clients.get(login.id));
    client.state = this.initially;
    this.clients.set(login.id, client);
    this.#connected.set(login.user, client);
    client.begin();
    return this.line.over(client);
  }
  /** A group, with people of its own by what they may do there, and people of ours. */
  group(name: string, people: Readonly<Record<string, Role>>, ours: readonly string[]): MemoryGroup {
    const chat = `${name}@group` as ChatId;
    const bring: Bring = (account, event) => this.clientOfAccount(account).brings(event);
    const group = new MemoryGroup({ chat, name, people, ours, bring });
    this.groupsById.set(chat, group);
    return group;
  }
  /** The contact of a chat, where a test has put one there. */
  contactOf(chat: ChatId): NetworkContact | undefined {
    return Array.from(this.contacts.values()).flatMap((found) =>
      found.kind === "found" && found.contact.chat === chat ? [found.contact] : [],
    )[0];
  }
  /** What the network knows a login by. */
  selfOf(login: Login): PersonId {
    return selfOf(this.accountOf(login));
  }
  accountOf({ user }: Login): string {
    return user;
  }
  clientOfAccount(account: string): MemoryClient {
    return this.clientOf(account as UserId);
  }
  clientOf(user: UserId): MemoryClient {
    const client = this.#connected.get(user);
    if (!client || !this.enlisted.has(user)) throw new Error("not connected");
    return client;
  }
}
