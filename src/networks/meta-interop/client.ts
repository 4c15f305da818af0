import type { Capabilities } from "../../core/model/capabilities.ts";
import type { ChatId, MessageId, PersonId } from "../../core/model/ids.ts";
import type { MediaFile, MediaTools } from "../../core/model/media.ts";
import { faultOf } from "../../core/ports/log.ts";
import type {
  ConnectionState,
  Found,
  Journal,
  NetworkClient,
  OutgoingItem,
  Reported,
  SafetyNumber,
} from "../../core/ports/network.ts";
import { safetyNumber } from "../../signal-protocol/safety-number.ts";
import type { Account } from "./account/account.ts";
import { clientPayload } from "./account/client-payload.ts";
import type { TokenMaker } from "./account/token.ts";
import { Connection } from "./connection/connection.ts";
import { endingTrouble } from "./connection/ending-trouble.ts";
import { reconnectDelay } from "./connection/reconnect-delay.ts";
import { ReconnectingConnection } from "./connection/reconnecting-connection.ts";
import { notConnected } from "./connection/refusals.ts";
import { readFeatures } from "./convert/features.ts";
import { personIn } from "./ids.ts";
import type { MediaHost } from "./media/media-host.ts";
import { report, setBlocked } from "./session/block-and-report.ts";
import { ContactLanes } from "./session/contact-lanes.ts";
import { type IncomingJob, receiveMessages } from "./session/incoming-messages.ts";
import type { LoginContext } from "./session/login-context.ts";
import { findContact, findPicture } from "./session/lookup.ts";
import { NetworkStatus } from "./session/network-status.ts";
import { OutgoingFiles } from "./session/outgoing-files.ts";
import { type OutgoingJob, sendMessages } from "./session/outgoing-messages.ts";
import { Plaintexts, type PreparedMessage } from "./session/plaintexts.ts";
import { PreKeys } from "./session/prekeys.ts";
import { readStanzas, typingStanza } from "./session/receipts.ts";
import { MessageResender, type ResendJob } from "./session/retry/message-resender.ts";
import { RetryRequester } from "./session/retry/retry-requester.ts";
import { StanzaDispatch } from "./session/stanza-dispatch.ts";
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

type Job = IncomingJob | OutgoingJob | ResendJob;

/** One login's connection to its network. */
export class InteropClient implements NetworkClient {
  readonly #parts: ClientParts;
  readonly #context: LoginContext;
  readonly #connection: ReconnectingConnection;
  readonly #lanes: ContactLanes<Job>;
  readonly #preKeys: PreKeys;
  readonly #retryRequester: RetryRequester;
  readonly #dispatch: StanzaDispatch;
  readonly #plaintexts: Plaintexts;
  readonly #status: NetworkStatus;
  #granted: Capabilities;
  #cancelMaintenance: (() => void) | undefined;
  #stopped = false;

  constructor(parts: ClientParts) {
    const { context } = parts;
    const { login, store, signal, supply, profile, sink, clock, random, log } = context;
    this.#parts = parts;
    this.#context = context;
    this.#granted = profile.capabilities;
    const files = new OutgoingFiles(context, parts.host, parts.tools);
    this.#plaintexts = new Plaintexts(context, files, () => this.#granted);
    this.#status = new NetworkStatus({ store, login, sink, log });
    const resender = new MessageResender(context, this.#plaintexts, (contact, job) =>
      this.#lanes.push(contact, job),
    );
    this.#lanes = new ContactLanes<Job>((address, jobs) => this.#run(address as PersonId, jobs, resender));
    this.#preKeys = new PreKeys({ store, login, own: signal.own, supply });
    this.#retryRequester = new RetryRequester(context, () => this.#connection.current);
    this.#dispatch = new StanzaDispatch(context, {
      enqueue: (address, job) => this.#lanes.push(address, job),
      preKeysLow: (connection) => void this.#checkPreKeys(connection),
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

  capabilities(): Capabilities {
    return this.#granted;
  }

  async connected(signal: AbortSignal): Promise<void> {
    await this.#connection.up(signal);
  }

  /** Called for the gatekeeper's push: something waits there for this login. */
  wake(): void {
    this.#connection.retryNow();
  }

  async send(item: OutgoingItem, journal: Journal): Promise<undefined> {
    const { chat, id } = item;
    const { clock } = this.#context;
    using prepared = this.#plaintexts.plain(item) ?? (await this.#prepare(item, journal));
    const until = clock.now() + SEND_TIMEOUT;
    await new Promise<void>((resolve, reject) => {
      const connection = () => this.#up(Math.min(SEND_TIMEOUT, Math.max(0, until - clock.now())));
      this.#lanes.push(personIn(chat), { kind: "out", id, prepared, journal, connection, resolve, reject });
    });
  }

  /** Fetches files from the homeserver only while connected, so that an outage does not fetch them again and again. */
  async #prepare(item: OutgoingItem, journal: Journal): Promise<PreparedMessage> {
    await this.#up(SEND_TIMEOUT);
    return this.#plaintexts.prepare(item, journal);
  }

  async find(query: string): Promise<Found> {
    return findContact(this.#context.profile, await this.#up(SEND_TIMEOUT), query);
  }

  markDelivered(_: ChatId, sender: PersonId, ids: readonly MessageId[]): void {
    const connection = this.#connection.current;
    const { deliveries } = this.#context;
    if (connection) this.#confirm(deliveries.send((receipt) => connection.send(receipt), sender, ids));
  }

  markRead(_: ChatId, sender: PersonId, ids: readonly MessageId[], how: "read" | "played"): void {
    if (!this.#granted.receipts) return;
    for (const stanza of readStanzas(sender, ids, how)) this.#connection.current?.send(stanza);
  }

  setTyping(chat: ChatId, active: boolean, voice: boolean): void {
    if (this.#granted.typing) this.#connection.current?.send(typingStanza(personIn(chat), active, voice));
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
    await this.#checkPreKeys(connection);
    this.#maintain();
  }

  #grant(features: Node): void {
    const { profile, sink } = this.#context;
    this.#granted = readFeatures(features, profile.capabilities);
    sink.capabilities(() => this.#granted);
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
      if (current) void this.#checkPreKeys(current);
      this.#maintain();
    });
  }

  /**
   * Uploads prekeys where they run low. A failure is repeated while this connection lasts, as without prekeys nobody
   * can start a chat with us.
   */
  async #checkPreKeys(connection: Connection, failures = 0): Promise<void> {
    const { log, login, clock, random } = this.#context;
    try {
      await this.#preKeys.check(connection);
    } catch (error) {
      log.warn("prekeys could not be checked", { login, ...faultOf(error) });
      clock.after(reconnectDelay(failures + 2, random), () => {
        if (this.#connection.current === connection) void this.#checkPreKeys(connection, failures + 1);
      });
    }
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

  async #run(address: PersonId, jobs: readonly Job[], resender: MessageResender): Promise<void> {
    const { log, login } = this.#context;
    try {
      const incoming = jobs.filter((job) => job.kind === "in");
      if (incoming.length > 0) {
        await receiveMessages(this.#context, address, incoming);
        this.#dispatch.handled(incoming.length);
        this.#retryRequester.arm();
      }
      const outgoing = jobs.filter((job) => job.kind === "out");
      if (outgoing.length > 0) await sendMessages(this.#context, address, outgoing);
      for (const job of jobs) if (job.kind === "resend") await resender.resend(address, job);
    } catch (error) {
      log.error("a chat's work failed", { login, ...faultOf(error) });
      for (const job of jobs) if (job.kind === "out") job.reject(error);
    }
  }
}
