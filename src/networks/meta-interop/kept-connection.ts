import { faultOf } from "../../core/ports/log.ts";
import type { ConnectionState, Ended } from "../../core/ports/network.ts";
import type { Account } from "./account/account.ts";
import { clientPayload } from "./account/client-payload.ts";
import type { TokenMaker } from "./account/token.ts";
import { Connection } from "./connection/connection.ts";
import { endingTrouble } from "./connection/ending-trouble.ts";
import { ReconnectingConnection } from "./connection/reconnecting-connection.ts";
import { notConnected } from "./connection/refusals.ts";
import type { LoginContext } from "./session/login-context.ts";
import { PreKeyUpkeep } from "./session/prekey-upkeep.ts";
import { RetryRequester } from "./session/retry/retry-requester.ts";
import type { Node } from "./wire/node.ts";

const MAINTENANCE_EVERY = 60 * 60_000;

export interface KeptConnectionParts {
  readonly context: LoginContext;
  readonly account: Account;
  readonly rootKey: Uint8Array;
  readonly tokens: TokenMaker;
  /**
   * Rejects when the person's identifier is no longer the enlisted one, or an address that the network gave is not
   * allowed.
   */
  readonly vouch: () => Promise<void>;
  readonly stanza: (stanza: Node, connection: Connection) => void;
  /** Called with each connection before anything else goes over it, and with the gatekeeper's `<success>`. */
  readonly greeted: (connection: Connection, success: Node) => Promise<void>;
  readonly ended: (what: Ended) => void;
}

/** One login's connection, made again whenever it breaks, with what goes over each: keys, and what is asked for again. */
export class KeptConnection implements AsyncDisposable {
  readonly #parts: KeptConnectionParts;
  readonly #connection: ReconnectingConnection;
  readonly #preKeys: PreKeyUpkeep;
  readonly #retryRequester: RetryRequester;
  #cancelMaintenance: (() => void) | undefined;
  #stopped = false;

  constructor(parts: KeptConnectionParts) {
    const { context, account, tokens } = parts;
    const { profile, sink, clock, random, log } = context;
    this.#parts = parts;
    this.#preKeys = new PreKeyUpkeep(context, () => this.#connection.current);
    this.#retryRequester = new RetryRequester(context, () => this.#connection.current);
    this.#connection = new ReconnectingConnection({
      network: profile.name,
      open: () => this.#open(),
      ready: (connection, success) => this.#ready(connection, success),
      changed: (state) => sink.state(state),
      ended: (what) => parts.ended(what),
      trouble: (ending) =>
        endingTrouble(ending, { profile, address: account.chatUrl, issuer: tokens.issuer }),
      clock,
      random,
      log,
    });
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  get current(): Connection | undefined {
    return this.#connection.current;
  }

  /** Resolves with the connection. Throws BridgeError where there is none within `timeout` milliseconds. */
  async within(timeout: number): Promise<Connection> {
    const { current } = this.#connection;
    if (current) return current;
    const { clock, profile } = this.#parts.context;
    const timedOut = new AbortController();
    const cancel = clock.after(timeout, () => timedOut.abort(notConnected(profile.name)));
    try {
      return await this.#connection.up(timedOut.signal);
    } finally {
      cancel();
    }
  }

  async up(signal: AbortSignal): Promise<void> {
    await this.#connection.up(signal);
  }

  retryNow(): void {
    this.#connection.retryNow();
  }

  /** To be called when the undecryptable messages may have changed. */
  undecryptableChanged(): void {
    this.#retryRequester.arm();
  }

  preKeysLow(connection: Connection): void {
    void this.#preKeys.check(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#cancelMaintenance?.();
    this.#retryRequester.stop();
    await this.#connection.stop();
  }

  async #open(): Promise<Connection> {
    const { account, rootKey, tokens, context, vouch, stanza } = this.#parts;
    await vouch();
    const payload = await clientPayload(context.profile, account, tokens);
    const { chatUrl, noise } = account;
    const { clock, log, login } = context;
    return new Connection(
      { url: chatUrl, static: noise, rootKey, payload, clock },
      { stanza, unreadable: (fault) => log.warn("a stanza could not be read", { login, ...faultOf(fault) }) },
    );
  }

  async #ready(connection: Connection, success: Node): Promise<void> {
    await this.#parts.greeted(connection, success);
    await this.#preKeys.check(connection);
    this.#maintain();
  }

  /** Starts the regular work of a connection over. */
  #maintain(): void {
    this.#cancelMaintenance?.();
    if (this.#stopped) return;
    this.#retryRequester.arm();
    this.#cancelMaintenance = this.#parts.context.clock.after(MAINTENANCE_EVERY, () => {
      const { current } = this.#connection;
      if (current) void this.#preKeys.check(current);
      this.#maintain();
    });
  }
}
