import { create, toBinary } from "@bufbuild/protobuf";
import { BridgeError } from "../../core/errors.ts";
import type { ChatId, MessageId, PersonId } from "../../core/ids.ts";
import { faultOf } from "../../core/log.ts";
import type { ConnectionState, Found, Journal, NetworkClient, OutgoingItem } from "../../core/network.ts";
import type { Account } from "./account.ts";
import { AddressLanes } from "./address-lanes.ts";
import { Connection } from "./connection.ts";
import { ConnectionLoop } from "./connection-loop.ts";
import { type Features, readFeatures } from "./features.ts";
import { fromBridge } from "./from-bridge.ts";
import { personIn } from "./ids.ts";
import { type IncomingJob, takeMessages } from "./incoming-messages.ts";
import { findContact } from "./lookup.ts";
import { type OutgoingJob, sendMessages } from "./outgoing-messages.ts";
import { PreKeys } from "./prekeys.ts";
import { type Delivered, sendDelivered } from "./receipts.ts";
import { reconnectDelay } from "./reconnect-delay.ts";
import { type AnswerJob, RetryAnswers } from "./retry-answers.ts";
import { RetryWatch } from "./retry-requests.ts";
import type { Scene } from "./scene.ts";
import { StanzaDispatch } from "./stanza-dispatch.ts";
import { makeToken, type TokenMaker } from "./token.ts";
import { ClientPayload_Product, ClientPayloadSchema } from "./wire/gen/handshake_pb.js";
import { child, type Node } from "./wire/node.ts";

/** How long a message waits for a connection before it is put back. */
const SEND_PATIENCE = 10_000;
const MAINTENANCE = 60 * 60_000;
const MOST_UNCONFIRMED = 5_000;

export interface ClientParts {
  readonly scene: Scene;
  readonly account: Account;
  readonly rootKey: Uint8Array;
  readonly tokens: TokenMaker;
}

type Job = IncomingJob | OutgoingJob | AnswerJob;

/** One login's connection to its network. */
export class InteropClient implements NetworkClient {
  readonly #parts: ClientParts;
  readonly #scene: Scene;
  readonly #loop: ConnectionLoop;
  readonly #lanes: AddressLanes<Job>;
  readonly #preKeys: PreKeys;
  readonly #retryWatch: RetryWatch;
  readonly #dispatch: StanzaDispatch;
  /** Messages that arrived in their rooms while there was no connection. */
  readonly #unconfirmed: Delivered[] = [];
  #features: Features = readFeatures(undefined);
  #cancelMaintenance: (() => void) | undefined;
  #stopped = false;

  constructor(parts: ClientParts) {
    const { scene } = parts;
    const { login, store, signal, supply, profile, sink, clock, random, log } = scene;
    this.#parts = parts;
    this.#scene = scene;
    const answers = new RetryAnswers(scene);
    this.#lanes = new AddressLanes<Job>((address, jobs) => this.#run(address as PersonId, jobs, answers));
    this.#preKeys = new PreKeys({ store, login, own: signal.own, supply });
    this.#retryWatch = new RetryWatch(scene, () => this.#loop.current);
    this.#dispatch = new StanzaDispatch(scene, {
      lane: (address, job) => this.#lanes.push(address, job),
      preKeysLow: (connection) => void this.#checkPreKeys(connection),
      features: (features) => {
        this.#features = readFeatures(features);
      },
    });
    this.#loop = new ConnectionLoop({
      network: profile.name,
      open: () => this.#open(),
      ready: (connection, success) => this.#ready(connection, success),
      changed: (state) => sink.state(state),
      ended: (words) => sink.ended(words),
      clock,
      random,
      log,
    });
  }

  get state(): ConnectionState {
    return this.#loop.state;
  }

  /** What the gatekeeper grants at the moment. */
  get features(): Features {
    return this.#features;
  }

  async connected(signal: AbortSignal): Promise<void> {
    await this.#loop.up(signal);
  }

  /** There is something to fetch: the gatekeeper's push. */
  wake(): void {
    this.#loop.hurry();
  }

  async send({ chat, id, outgoing }: OutgoingItem, journal: Journal): Promise<void> {
    const { profile, clock } = this.#scene;
    const plaintext = fromBridge(profile, outgoing, this.#features.text ?? profile.limits.text);
    const until = clock.now() + SEND_PATIENCE;
    await new Promise<void>((resolve, reject) => {
      const connection = () => this.#up(Math.min(SEND_PATIENCE, Math.max(0, until - clock.now())));
      this.#lanes.push(personIn(chat), { kind: "out", id, plaintext, journal, connection, resolve, reject });
    });
  }

  async find(query: string): Promise<Found> {
    return findContact(this.#scene.profile, await this.#up(SEND_PATIENCE), query);
  }

  markDelivered(_: ChatId, sender: PersonId, ids: readonly MessageId[]): void {
    const connection = this.#loop.current;
    if (connection) this.#confirm(connection, { sender, ids });
    else if (this.#unconfirmed.length < MOST_UNCONFIRMED) this.#unconfirmed.push({ sender, ids });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#cancelMaintenance?.();
    this.#retryWatch.stop();
    await this.#loop.stop();
    await this.#lanes.idle();
  }

  async #open(): Promise<Connection> {
    const { account, rootKey, tokens, scene } = this.#parts;
    const { chatUrl, identifier, noise, accountId } = account;
    const token = await makeToken(tokens, { identifier, audience: chatUrl, noiseKey: noise.publicKey });
    const payload = toBinary(
      ClientPayloadSchema,
      create(ClientPayloadSchema, {
        passive: false,
        device: 0,
        product: ClientPayload_Product[scene.profile.product],
        interopData: { accountId: BigInt(accountId), token: Buffer.from(token), enableReadReceipts: true },
      }),
    );
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
    this.#features = readFeatures(child(success, "features"));
    for (const delivered of this.#unconfirmed.splice(0)) this.#confirm(connection, delivered);
    await this.#checkPreKeys(connection);
    this.#maintain();
  }

  #confirm(connection: Connection, delivered: Delivered): void {
    const { times, log, login } = this.#scene;
    sendDelivered(times, (receipt) => connection.send(receipt), delivered).catch((error: unknown) => {
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
    words: `${network} is not connected at the moment. The message is sent when it is.`,
    certain: true,
    retryAfter: 0,
  });
}
