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
import type { Connection } from "./connection/connection.ts";
import { readFeatures } from "./convert/features.ts";
import { groupOf, personIn } from "./ids.ts";
import { KeptConnection, type KeptConnectionParts } from "./kept-connection.ts";
import type { MediaHost } from "./media/media-host.ts";
import { MessageLanes } from "./message-lanes.ts";
import { report, setBlocked } from "./session/block-and-report.ts";
import type { LoginContext } from "./session/login-context.ts";
import { findContact, findPicture } from "./session/lookup.ts";
import { NetworkStatus } from "./session/network-status.ts";
import { OutgoingFiles } from "./session/outgoing-files.ts";
import { Plaintexts, type PreparedMessage } from "./session/plaintexts.ts";
import { readStanzas, typingStanza } from "./session/receipts.ts";
import { StanzaDispatch } from "./session/stanza-dispatch.ts";
import { Turns } from "./session/turns.ts";
import { child, type Node } from "./wire/node.ts";

/** How long a message waits for a connection, in milliseconds, before it is put back. */
const SEND_TIMEOUT = 10_000;

export interface ClientParts
  extends Pick<KeptConnectionParts, "context" | "account" | "rootKey" | "tokens" | "vouch"> {
  readonly host: MediaHost;
  readonly tools: MediaTools;
  /** Fetches a contact's file. */
  readonly fetch: (ref: string, granted: Capabilities) => Promise<MediaFile>;
}

/** One login's connection to its network. */
export class InteropClient implements NetworkClient {
  readonly #parts: ClientParts;
  readonly #context: LoginContext;
  readonly #connection: KeptConnection;
  readonly #lanes: MessageLanes;
  readonly #dispatch: StanzaDispatch;
  readonly #plaintexts: Plaintexts;
  readonly #status: NetworkStatus;
  readonly #turns = new Turns();
  #granted: Capabilities;

  constructor(parts: ClientParts) {
    const { context } = parts;
    const { login, store, profile, sink, log } = context;
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
        this.#connection.undecryptableChanged();
      },
    });
    this.#dispatch = new StanzaDispatch(context, {
      enqueue: (address, job) => this.#lanes.push(address, job),
      enqueueMember: (group, person, job) => this.#lanes.pushMember(group, person, job),
      groupNotice: (group, stanza, connection) =>
        this.#lanes.push(group, { kind: "notice", stanza, connection }),
      reachability: (person, state) => this.#lanes.groups.reachability(person, state),
      preKeysLow: (connection) => this.#connection.preKeysLow(connection),
      features: (features) => this.#grant(features),
      delivered: (ids) => files.delivered(ids),
      status: this.#status,
    });
    this.#connection = new KeptConnection({
      ...parts,
      stanza: (stanza, connection) => this.#dispatch.take(stanza, connection),
      greeted: (connection, success) => this.#greeted(connection, success),
      ended: (what) => void this.#status.ended(what).catch(() => undefined),
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
    return this.#lanes.groups.info(chat, () => this.#connection.within(SEND_TIMEOUT));
  }

  async createGroup(group: NewGroup): Promise<ChatId> {
    return this.#lanes.groups.create(group, await this.#connection.within(SEND_TIMEOUT));
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
      return this.#lanes.groups.change(item, await this.#connection.within(SEND_TIMEOUT));
    using prepared =
      this.#plaintexts.plain(item) ??
      (group === undefined
        ? await this.#prepare(item, journal)
        : await this.#turns.take(group, () => this.#prepare(item, journal)));
    const until = clock.now() + SEND_TIMEOUT;
    await new Promise<void>((resolve, reject) => {
      const connection = () =>
        this.#connection.within(Math.min(SEND_TIMEOUT, Math.max(0, until - clock.now())));
      const job = { kind: "out", id, prepared, journal, connection, resolve, reject } as const;
      this.#lanes.push(group ?? personIn(chat), job);
    });
    return undefined;
  }

  /** Fetches files from the homeserver only while connected, so that an outage does not fetch them again and again. */
  async #prepare(item: OutgoingItem, journal: Journal): Promise<PreparedMessage> {
    await this.#connection.within(SEND_TIMEOUT);
    return this.#plaintexts.prepare(item, journal);
  }

  async find(query: string): Promise<Found> {
    return findContact(this.#context.profile, await this.#connection.within(SEND_TIMEOUT), query);
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
    return findPicture(this.#context.profile, await this.#connection.within(SEND_TIMEOUT), person);
  }

  openMedia(ref: string): Promise<MediaFile> {
    return this.#parts.fetch(ref, this.#granted);
  }

  async setBlocked(person: PersonId, blocked: boolean): Promise<void> {
    await setBlocked(
      await this.#connection.within(SEND_TIMEOUT),
      this.#context.profile.name,
      person,
      blocked,
    );
  }

  async report(person: PersonId, messages: readonly Reported[]): Promise<void> {
    await report(await this.#connection.within(SEND_TIMEOUT), this.#context.profile.name, person, messages);
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
    await this.#connection[Symbol.asyncDispose]();
    await this.#lanes.idle();
  }

  async #greeted(connection: Connection, success: Node): Promise<void> {
    const features = child(success, "features");
    if (features) this.#grant(features);
    await this.#status.resumed("removed", "gone");
    this.#confirm(this.#context.deliveries.sendOwed((receipt) => connection.send(receipt)));
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
}
