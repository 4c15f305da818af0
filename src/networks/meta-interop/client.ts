import type { Capabilities } from "../../core/model/capabilities.ts";
import type { NewGroup } from "../../core/model/groups.ts";
import type { ChatId, MessageId, PersonId } from "../../core/model/ids.ts";
import type { MediaFile, MediaTools } from "../../core/model/media.ts";
import { faultOf } from "../../core/ports/log.ts";
import type {
  ChatInfo,
  ConnectionState,
  Found,
  Journal,
  NetworkClient,
  OutgoingItem,
  Reported,
  SafetyNumber,
  SendResult,
} from "../../core/ports/network.ts";
import { safetyNumber } from "../../signal-protocol/safety-number.ts";
import type { Account } from "./account/account.ts";
import { clientPayload } from "./account/client-payload.ts";
import type { TokenMaker } from "./account/token.ts";
import { Connection } from "./connection/connection.ts";
import { endingTrouble } from "./connection/ending-trouble.ts";
import { ReconnectingConnection } from "./connection/reconnecting-connection.ts";
import { notConnected } from "./connection/refusals.ts";
import { readFeatures } from "./convert/features.ts";
import { groupOf, personIn } from "./ids.ts";
import type { MediaHost } from "./media/media-host.ts";
import { MessageLanes } from "./message-lanes.ts";
import { report, setBlocked } from "./session/block-and-report.ts";
import type { LoginContext } from "./session/login-context.ts";
import { findContact, findPicture } from "./session/lookup.ts";
import { NetworkStatus } from "./session/network-status.ts";
import { OutgoingFiles } from "./session/outgoing-files.ts";
import { Plaintexts, type PreparedMessage } from "./session/plaintexts.ts";
import { PreKeyUpkeep } from "./session/prekey-upkeep.ts";
import { readStanzas, typingStanza } from "./session/receipts.ts";
import { RetryRequester } from "./session/retry/retry-requester.ts";
import { StanzaDispatch } from "./session/stanza-dispatch.ts";
import { Turns } from "./session/turns.ts";
import { child, type Node } from "./wire/node.ts";

/** How long a message waits for a connection, in milliseconds, before it is put back. */
const SEND_TIMEOUT = 10_000;
const MAINTENANCE_EVERY = 60 * 60_000;

export interface ClientParts {
  readonly context: LoginContext;
  readonly account: Account;
  readonly rootKey: Uint8Array;
  readonly tokens: TokenMaker;
  readonly host: MediaHost;
  readonly tools: MediaTools;
  /** Fetches a contact's file. */
  readonly fetch: (ref: string, granted: Capabilities) => Promise<MediaFile>;
  /**
   * Rejects when the person's identifier is no longer the enlisted one, or an address that the network gave is not
   * allowed.
   */
  readonly vouch: () => Promise<void>;
}

/** One login's connection to its network. */
export class InteropClient implements NetworkClient {
  readonly #parts: ClientParts;
  readonly #context: LoginContext;
  readonly #connection: ReconnectingConnection;
  readonly #lanes: MessageLanes;
  readonly #preKeys: PreKeyUpkeep;
  readonly #retryRequester: RetryRequester;
  readonly #dispatch: StanzaDispatch;
  readonly #plaintexts: Plaintexts;
  readonly #status: NetworkStatus;
  readonly #turns = new Turns();
  #granted: Capabilities;
  #cancelMaintenance: (() => void) | undefined;
  #stopped = false;

  constructor(parts: ClientParts) {
    const { context } = parts;
    const { login, store, profile, sink, clock, random, log } = context;
    this.#parts = parts;
    this.#context = context;
    this.#granted = profile.capabilities;
    const files = new OutgoingFiles(context, parts.host, parts.tools);
    this.#plaintexts = new Plaintexts(context, files, () => this.#granted);
    this.#status = new NetworkStatus({ store, login, sink, log });
    this.#lanes = new MessageLanes({
      context,
      host: parts.host,
      plaintexts: this.#plaintexts,
      received: (count) => {
        this.#dispatch.handled(count);
        this.#retryRequester.arm();
      },
    });
    this.#preKeys = new PreKeyUpkeep(context, () => this.#connection.current);
    this.#retryRequester = new RetryRequester(context, () => this.#connection.current);
    this.#dispatch = new StanzaDispatch(context, {
      enqueue: (address, job) => this.#lanes.push(address, job),
      enqueueMember: (group, person, job) => this.#lanes.pushMember(group, person, job),
      groupNotice: (group, stanza, connection) =>
        this.#lanes.push(group, { kind: "notice", stanza, connection }),
      reachability: (person, state) => this.#lanes.groups.reachability(person, state),
      preKeysLow: (connection) => void this.#preKeys.check(connection),
      features: (features) => this.#grant(features),
      delivered: (ids) => files.delivered(ids),
      status: this.#status,
    });
    this.#connection = new ReconnectingConnection({
      network: profile.name,
      open: () => this.#open(),
      ready: (connection, success) => this.#ready(connection, success),
      changed: (state) => sink.state(state),
      ended: (what) => void this.#status.ended(what).catch(() => undefined),
      trouble: (ending) =>
        endingTrouble(ending, { profile, address: parts.account.chatUrl, issuer: parts.tokens.issuer }),
      clock,
      random,
      log,
    });
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  capabilities(chat?: ChatId): Capabilities {
    return groupOf(chat) === undefined ? this.#granted : this.#lanes.groups.capabilities(this.#granted);
  }

  async chatInfo(chat: ChatId): Promise<ChatInfo> {
    if (groupOf(chat) === undefined) return { kind: "direct", person: personIn(chat) };
    return this.#lanes.groups.info(chat, () => this.#up(SEND_TIMEOUT));
  }

  async createGroup(group: NewGroup): Promise<ChatId> {
    return this.#lanes.groups.create(group, await this.#up(SEND_TIMEOUT));
  }

  async connected(signal: AbortSignal): Promise<void> {
    await this.#connection.up(signal);
  }

  /** Called for the gatekeeper's push: something waits there for this login. */
  wake(): void {
    this.#connection.retryNow();
  }

  async send(item: OutgoingItem, journal: Journal): Promise<SendResult | undefined> {
    const { chat, id, outgoing } = item;
    const { clock } = this.#context;
    const group = groupOf(chat);
    if (outgoing.kind === "group-change")
      return this.#lanes.groups.change(item, await this.#up(SEND_TIMEOUT));
    using prepared =
      this.#plaintexts.plain(item) ??
      (group === undefined
        ? await this.#prepare(item, journal)
        : await this.#turns.take(group, () => this.#prepare(item, journal)));
    const until = clock.now() + SEND_TIMEOUT;
    await new Promise<void>((resolve, reject) => {
      const connection = () => this.#up(Math.min(SEND_TIMEOUT, Math.max(0, until - clock.now())));
      const job = { kind: "out", id, prepared, journal, connection, resolve, reject } as const;
      this.#lanes.push(group ?? personIn(chat), job);
    });
    return undefined;
  }

  /** Fetches files from the homeserver only while connected, so that an outage does not fetch them again and again. */
  async #prepare(item: OutgoingItem, journal: Journal): Promise<PreparedMessage> {
    await this.#up(SEND_TIMEOUT);
    return this.#plaintexts.prepare(item, journal);
  }

  async find(query: string): Promise<Found> {
    return findContact(this.#context.profile, await this.#up(SEND_TIMEOUT), query);
  }

  markDelivered(chat: ChatId, sender: PersonId, ids: readonly MessageId[]): void {
    const connection = this.#connection.current;
    const { deliveries } = this.#context;
    if (connection) this.#confirm(deliveries.send((receipt) => connection.send(receipt), chat, sender, ids));
  }

  markRead(chat: ChatId, sender: PersonId, ids: readonly MessageId[], how: "read" | "played"): void {
    if (!this.#granted.receipts) return;
    for (const stanza of readStanzas(sender, ids, how, groupOf(chat))) this.#connection.current?.send(stanza);
  }

  setTyping(chat: ChatId, active: boolean, voice: boolean): void {
    if (this.#granted.typing) this.#connection.current?.send(typingStanza(chat, active, voice));
  }

  async avatarOf(person: PersonId): Promise<string | undefined> {
    return findPicture(this.#context.profile, await this.#up(SEND_TIMEOUT), person);
  }

  openMedia(ref: string): Promise<MediaFile> {
    return this.#parts.fetch(ref, this.#granted);
  }

  async setBlocked(person: PersonId, blocked: boolean): Promise<void> {
    await setBlocked(await this.#up(SEND_TIMEOUT), this.#context.profile.name, person, blocked);
  }

  async report(person: PersonId, messages: readonly Reported[]): Promise<void> {
    await report(await this.#up(SEND_TIMEOUT), this.#context.profile.name, person, messages);
  }

  async safetyNumber(person: PersonId): Promise<SafetyNumber | undefined> {
    const { signal, own } = this.#context;
    const key = await signal.identityOf(person);
    if (!key) return undefined;
    // The phones put in the JID without device, as text.
    const identifier = (jid: string) => Uint8Array.from(Buffer.from(jid));
    const ours = { identifier: identifier(own), key: signal.own.identity.publicKey };
    return safetyNumber(ours, { identifier: identifier(person), key });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#cancelMaintenance?.();
    this.#retryRequester.stop();
    await this.#connection.stop();
    await this.#lanes.idle();
  }

  async #open(): Promise<Connection> {
    const { account, rootKey, tokens, context, vouch } = this.#parts;
    await vouch();
    const payload = await clientPayload(context.profile, account, tokens);
    const { chatUrl, noise } = account;
    const { clock, log, login } = context;
    return new Connection(
      { url: chatUrl, static: noise, rootKey, payload, clock },
      {
        stanza: (stanza, connection) => this.#dispatch.take(stanza, connection),
        unreadable: (fault) => log.warn("a stanza could not be read", { login, ...faultOf(fault) }),
      },
    );
  }

  async #ready(connection: Connection, success: Node): Promise<void> {
    const features = child(success, "features");
    if (features) this.#grant(features);
    await this.#status.resumed("removed", "gone");
    this.#confirm(this.#context.deliveries.sendOwed((receipt) => connection.send(receipt)));
    await this.#preKeys.check(connection);
    this.#maintain();
  }

  #grant(features: Node): void {
    const { profile, sink } = this.#context;
    this.#granted = readFeatures(features, profile.capabilities);
    this.#lanes.groups.grant(features);
    sink.capabilities((chat) => this.capabilities(chat));
  }

  /** Logs receipts that could not be sent; the next connection sends them. */
  #confirm(sending: Promise<void>): void {
    const { log, login } = this.#context;
    sending.catch((error: unknown) => {
      log.warn("a delivery could not be confirmed", { login, ...faultOf(error) });
    });
  }

  /** Starts the regular work of a connection over. */
  #maintain(): void {
    this.#cancelMaintenance?.();
    if (this.#stopped) return;
    this.#retryRequester.arm();
    this.#cancelMaintenance = this.#context.clock.after(MAINTENANCE_EVERY, () => {
      const { current } = this.#connection;
      if (current) void this.#preKeys.check(current);
      this.#maintain();
    });
  }

  async #up(timeout: number): Promise<Connection> {
    const { current } = this.#connection;
    if (current) return current;
    const timedOut = new AbortController();
    const cancel = this.#context.clock.after(timeout, () =>
      timedOut.abort(notConnected(this.#context.profile.name)),
    );
    try {
      return await this.#connection.up(timedOut.signal);
    } finally {
      cancel();
    }
  }
}
