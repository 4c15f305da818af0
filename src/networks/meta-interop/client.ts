import type { Capabilities } from "../../core/model/capabilities.ts";
import { BridgeError } from "../../core/model/errors.ts";
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
import { readFeatures } from "./convert/features.ts";
import { personIn } from "./ids.ts";
import type { MediaHost } from "./media/media-host.ts";
import { report, setBlocked } from "./session/block-and-report.ts";
import { ContactLanes } from "./session/contact-lanes.ts";
import { type IncomingJob, takeMessages } from "./session/incoming-messages.ts";
import type { Scene } from "./session/login-context.ts";
import { findContact } from "./session/lookup.ts";
import { NetworkStatus } from "./session/network-status.ts";
import { OutgoingFiles } from "./session/outgoing-files.ts";
import { type OutgoingJob, sendMessages } from "./session/outgoing-messages.ts";
import { Plaintexts, type Prepared } from "./session/plaintexts.ts";
import { PreKeys } from "./session/prekeys.ts";
import { readStanzas, typingStanza } from "./session/receipts.ts";
import { type AnswerJob, RetryAnswers } from "./session/retry/message-resender.ts";
import { RetryWatch } from "./session/retry/retry-requester.ts";
import { StanzaDispatch } from "./session/stanza-dispatch.ts";
import { child, type Node } from "./wire/node.ts";

/** How long a message waits for a connection before it is put back. */
const SEND_PATIENCE = 10_000;
const MAINTENANCE = 60 * 60_000;

export interface ClientParts {
  readonly scene: Scene;
  readonly account: Account;
  readonly rootKey: Uint8Array;
  readonly tokens: TokenMaker;
  readonly host: MediaHost;
  readonly tools: MediaTools;
  /** Fetches a contact's file. */
  readonly fetch: (ref: string, granted: Capabilities) => Promise<MediaFile>;
  /** Rejects where we may no longer say that the person is who they were enlisted as, or connect where they were sent. */
  readonly vouch: () => Promise<void>;
}

type Job = IncomingJob | OutgoingJob | AnswerJob;

/** One login's connection to its network. */
export class InteropClient implements NetworkClient {
  readonly #parts: ClientParts;
  readonly #scene: Scene;
  readonly #loop: ReconnectingConnection;
  readonly #lanes: ContactLanes<Job>;
  readonly #preKeys: PreKeys;
  readonly #retryWatch: RetryWatch;
  readonly #dispatch: StanzaDispatch;
  readonly #plaintexts: Plaintexts;
  readonly #terms: NetworkStatus;
  #granted: Capabilities;
  #cancelMaintenance: (() => void) | undefined;
  #stopped = false;

  constructor(parts: ClientParts) {
    const { scene } = parts;
    const { login, store, signal, supply, profile, sink, clock, random, log } = scene;
    this.#parts = parts;
    this.#scene = scene;
    this.#granted = profile.capabilities;
    const files = new OutgoingFiles(scene, parts.host, parts.tools);
    this.#plaintexts = new Plaintexts(scene, files, () => this.#granted);
    this.#terms = new NetworkStatus({ store, login, sink, log });
    const answers = new RetryAnswers(scene, this.#plaintexts, (contact, job) =>
      this.#lanes.push(contact, job),
    );
    this.#lanes = new ContactLanes<Job>((address, jobs) => this.#run(address as PersonId, jobs, answers));
    this.#preKeys = new PreKeys({ store, login, own: signal.own, supply });
    this.#retryWatch = new RetryWatch(scene, () => this.#loop.current);
    this.#dispatch = new StanzaDispatch(scene, {
      lane: (address, job) => this.#lanes.push(address, job),
      preKeysLow: (connection) => void this.#checkPreKeys(connection),
      features: (features) => this.#grant(features),
      delivered: (ids) => files.delivered(ids),
      terms: this.#terms,
    });
    this.#loop = new ReconnectingConnection({
      network: profile.name,
      open: () => this.#open(),
      ready: (connection, success) => this.#ready(connection, success),
      changed: (state) => sink.state(state),
      ended: (what) => void this.#terms.ended(what).catch(() => undefined),
      trouble: (ending) =>
        endingTrouble(ending, { profile, address: parts.account.chatUrl, issuer: parts.tokens.issuer }),
      clock,
      random,
      log,
    });
  }

  get state(): ConnectionState {
    return this.#loop.state;
  }

  capabilities(): Capabilities {
    return this.#granted;
  }

  async connected(signal: AbortSignal): Promise<void> {
    await this.#loop.up(signal);
  }

  /** There is something to fetch: the gatekeeper's push. */
  wake(): void {
    this.#loop.hurry();
  }

  async send(item: OutgoingItem, journal: Journal): Promise<undefined> {
    const { chat, id } = item;
    const { clock } = this.#scene;
    using prepared = this.#plaintexts.plain(item) ?? (await this.#prepare(item, journal));
    const until = clock.now() + SEND_PATIENCE;
    await new Promise<void>((resolve, reject) => {
      const connection = () => this.#up(Math.min(SEND_PATIENCE, Math.max(0, until - clock.now())));
      this.#lanes.push(personIn(chat), { kind: "out", id, prepared, journal, connection, resolve, reject });
    });
  }

  /** Files are brought only while they could leave, so that an outage does not bring them again and again. */
  async #prepare(item: OutgoingItem, journal: Journal): Promise<Prepared> {
    await this.#up(SEND_PATIENCE);
    return this.#plaintexts.prepare(item, journal);
  }

  async find(query: string): Promise<Found> {
    return findContact(this.#scene.profile, await this.#up(SEND_PATIENCE), query);
  }

  markDelivered(_: ChatId, sender: PersonId, ids: readonly MessageId[]): void {
    const connection = this.#loop.current;
    const { deliveries } = this.#scene;
    if (connection) this.#confirm(deliveries.tell((receipt) => connection.send(receipt), sender, ids));
  }

  markRead(_: ChatId, sender: PersonId, ids: readonly MessageId[], how: "read" | "played"): void {
    if (!this.#granted.receipts) return;
    for (const stanza of readStanzas(sender, ids, how)) this.#loop.current?.send(stanza);
  }

  setTyping(chat: ChatId, active: boolean, voice: boolean): void {
    if (this.#granted.typing) this.#loop.current?.send(typingStanza(personIn(chat), active, voice));
  }

  openMedia(ref: string): Promise<MediaFile> {
    return this.#parts.fetch(ref, this.#granted);
  }

  async setBlocked(person: PersonId, blocked: boolean): Promise<void> {
    await setBlocked(await this.#up(SEND_PATIENCE), this.#scene.profile.name, person, blocked);
  }

  async report(person: PersonId, messages: readonly Reported[]): Promise<void> {
    await report(await this.#up(SEND_PATIENCE), this.#scene.profile.name, person, messages);
  }

  async safetyNumber(person: PersonId): Promise<SafetyNumber | undefined> {
    const { signal, own } = this.#scene;
    const key = await signal.identityOf(person);
    if (!key) return undefined;
    return safetyNumber({ address: own, key: signal.own.identity.publicKey }, { address: person, key });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#cancelMaintenance?.();
    this.#retryWatch.stop();
    await this.#loop.stop();
    await this.#lanes.idle();
  }

  async #open(): Promise<Connection> {
    const { account, rootKey, tokens, scene, vouch } = this.#parts;
    await vouch();
    const payload = await clientPayload(scene.profile, account, tokens);
    const { chatUrl, noise } = account;
    const { clock, log, login } = scene;
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
    await this.#terms.backFrom("removed", "gone");
    this.#confirm(this.#scene.deliveries.tellOwed((receipt) => connection.send(receipt)));
    await this.#checkPreKeys(connection);
    this.#maintain();
  }

  #grant(features: Node): void {
    const { profile, sink } = this.#scene;
    this.#granted = readFeatures(features, profile.capabilities);
    sink.capabilities(() => this.#granted);
  }

  /** What fails is told by the next connection. */
  #confirm(telling: Promise<void>): void {
    const { log, login } = this.#scene;
    telling.catch((error: unknown) => {
      log.warn("a delivery could not be confirmed", { login, ...faultOf(error) });
    });
  }

  /** Regular work of a connection, from now on. */
  #maintain(): void {
    this.#cancelMaintenance?.();
    if (this.#stopped) return;
    this.#retryWatch.arm();
    this.#cancelMaintenance = this.#scene.clock.after(MAINTENANCE, () => {
      const { current } = this.#loop;
      if (current) void this.#checkPreKeys(current);
      this.#maintain();
    });
  }

  /** Nobody can begin to write to us without keys, so what fails is tried again while the connection lasts. */
  async #checkPreKeys(connection: Connection, failures = 0): Promise<void> {
    const { log, login, clock, random } = this.#scene;
    try {
      await this.#preKeys.check(connection);
    } catch (error) {
      log.warn("prekeys could not be checked", { login, ...faultOf(error) });
      clock.after(reconnectDelay(failures + 2, random), () => {
        if (this.#loop.current === connection) void this.#checkPreKeys(connection, failures + 1);
      });
    }
  }

  async #up(patience: number): Promise<Connection> {
    const { current } = this.#loop;
    if (current) return current;
    const gaveUp = new AbortController();
    const cancel = this.#scene.clock.after(patience, () =>
      gaveUp.abort(notConnected(this.#scene.profile.name)),
    );
    try {
      return await this.#loop.up(gaveUp.signal);
    } finally {
      cancel();
    }
  }

  async #run(address: PersonId, jobs: readonly Job[], answers: RetryAnswers): Promise<void> {
    const { log, login } = this.#scene;
    try {
      const incoming = jobs.filter((job) => job.kind === "in");
      if (incoming.length > 0) {
        await takeMessages(this.#scene, address, incoming);
        this.#dispatch.taken(incoming.length);
        this.#retryWatch.arm();
      }
      const outgoing = jobs.filter((job) => job.kind === "out");
      if (outgoing.length > 0) await sendMessages(this.#scene, address, outgoing);
      for (const job of jobs) if (job.kind === "again") await answers.answer(address, job);
    } catch (error) {
      log.error("a chat's work failed", { login, ...faultOf(error) });
      for (const job of jobs) if (job.kind === "out") job.reject(error);
    }
  }
}

function notConnected(network: string): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: `${network} is not connected at the moment.`,
    certain: true,
    retryAfter: 0,
  });
}
