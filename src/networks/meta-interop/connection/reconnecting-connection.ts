import { BridgeError } from "../../../core/model/errors.ts";
import type { Clock, Random } from "../../../core/ports/clock.ts";
import { faultOf, type Log } from "../../../core/ports/log.ts";
import type { ConnectionState, Ended, NetworkTrouble } from "../../../core/ports/network.ts";
import type { Node } from "../wire/node.ts";
import type { Connection, Ending } from "./connection.ts";
import { reconnectDelay } from "./reconnect-delay.ts";

interface ReconnectingConnectionParts {
  readonly network: string;
  /** Opens a connection with a new token. */
  readonly open: () => Promise<Connection>;
  /** Completes before the connection counts as up. */
  readonly ready: (connection: Connection, success: Node) => Promise<void>;
  readonly changed: (state: ConnectionState) => void;
  /** Called when the account, or this bridge's agreement with the network, has ended. */
  readonly ended: (what: Ended) => void;
  /** The trouble that an ending shows the administrator; undefined where it concerns the person alone. */
  readonly trouble: (ending: Ending) => NetworkTrouble | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Tries in a row after which a refused token is no longer explained by keys or clocks that have just changed. */
const TOKEN_TRIES = 12;
/** Reasons that others put right: a token that is not accepted (keys, a clock), and an integrator that was removed. */
const TEMPORARY_REFUSALS: ReadonlySet<number> = new Set([401, 410, 413, 414]);
/** Milliseconds after which a network that refused for such a reason is tried again, unless its push comes before. */
const RETRY_REFUSED_AFTER = 600_000;

/** Keeps one login connected until it is stopped or refused for good. */
export class ReconnectingConnection {
  readonly #parts: ReconnectingConnectionParts;
  readonly #running: Promise<void>;
  #state: ConnectionState = { kind: "connecting" };
  #connection: Connection | undefined;
  #waiters: { resolve(connection: Connection): void; reject(error: unknown): void }[] = [];
  /** Whether the last attempt got as far as `<success/>`. */
  #succeeded = false;
  #failures = 0;
  #tokenRefusals = 0;
  #stopping = false;
  #wake: () => void = () => undefined;

  constructor(parts: ReconnectingConnectionParts) {
    this.#parts = parts;
    this.#running = this.#run();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The connection that is up, if one is. */
  get current(): Connection | undefined {
    return this.#state.kind === "connected" ? this.#connection : undefined;
  }

  /**
   * Resolves with the connection when it is up; rejects where the signal aborts or the connection is refused for good.
   */
  async up(signal: AbortSignal): Promise<Connection> {
    const { current } = this;
    if (current) return current;
    signal.throwIfAborted();
    if (this.#stopping) throw stopped();
    if (this.#state.kind === "refused") throw refusedForGood(this.#state.words);
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const waiter = { resolve, reject };
    const abort = () => {
      this.#waiters = this.#waiters.filter((one) => one !== waiter);
      reject(signal.reason);
    };
    this.#waiters.push(waiter);
    signal.addEventListener("abort", abort, { once: true });
    return promise.finally(() => signal.removeEventListener("abort", abort));
  }

  /** Ends a pause, so that the next attempt is made now. */
  retryNow(): void {
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#connection?.close();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { network, clock, random, trouble: troubleOf } = this.#parts;
    // Whether the next attempt is told of only if it succeeds.
    let isSilent = false;
    while (!this.#stopping) {
      if (!isSilent) this.#change({ kind: "connecting" });
      isSilent = false;
      const ending = await this.#attempt();
      this.#connection = undefined;
      if (this.#stopping) break;
      const words = this.#refusalWords(ending);
      const trouble = troubleOf(ending);
      const withTrouble = trouble ? { trouble } : {};
      if (words !== undefined) {
        this.#change({ kind: "refused", words, ...withTrouble });
        const retrySilently = (): void => {
          isSilent = true;
          this.#wake();
        };
        const isTemporary = ending.kind === "failure" && TEMPORARY_REFUSALS.has(ending.reason);
        const cancel = isTemporary ? clock.after(RETRY_REFUSED_AFTER, retrySilently) : undefined;
        await this.#woken();
        cancel?.();
        // After a push the refused tokens are counted anew. A retry by the timer keeps the count: one more refusal ends
        // it, and tells nobody anything new.
        if (!isSilent) this.#tokenRefusals = 0;
        continue;
      }
      if (ending.kind === "restart" && this.#succeeded) continue;
      this.#change({ kind: "waiting", words: waitingWords(network, ending), ...withTrouble });
      await this.#pause(reconnectDelay(this.#failures++, random), clock);
    }
    this.#settle((waiter) => waiter.reject(stopped()));
  }

  /** Opens one connection and resolves when it has ended. */
  async #attempt(): Promise<Ending> {
    const { open, ready, log, network } = this.#parts;
    this.#succeeded = false;
    try {
      const connection = await open();
      this.#connection = connection;
      if (this.#stopping) connection.close();
      const success = await connection.opened;
      if (success) {
        this.#succeeded = true;
        const isReady = ready(connection, success).then(() => true);
        if (await Promise.race([isReady, connection.closed.then(() => false)])) this.#up(connection);
      }
      const ending = await connection.closed;
      log.debug("a connection ended", {
        network,
        ending: ending.kind,
        ...("fault" in ending && ending.fault !== undefined ? faultOf(ending.fault) : {}),
      });
      // A failing store closes each connection as soon as something arrives, so such a connection does not reset the
      // delay.
      if (success && !(ending.kind === "lost" && BridgeError.from(ending.fault).reason === "storage")) {
        this.#failures = 0;
      }
      return ending;
    } catch (fault) {
      this.#connection?.close();
      log.debug("a connection could not be made", { network, ...faultOf(fault) });
      if (fault instanceof BridgeError && fault.reason === "forbidden") {
        return { kind: "unvouched", words: fault.words };
      }
      return { kind: "lost", fault };
    }
  }

  #up(connection: Connection): void {
    this.#tokenRefusals = 0;
    this.#change({ kind: "connected" });
    this.#settle((waiter) => waiter.resolve(connection));
  }

  /** The words for a refusal that is for good; undefined where another try makes sense. */
  #refusalWords(ending: Ending): string | undefined {
    const { network, ended } = this.#parts;
    if (ending.kind === "replaced") {
      return `Another connection with your ${network} account took the place of this one. If there is another bridge with the same accounts, stop one of the two; then restart this one.`;
    }
    if (ending.kind === "unvouched") return ending.words;
    if (ending.kind !== "failure") return undefined;
    switch (ending.reason) {
      case 401:
      case 413:
      case 414:
        this.#tokenRefusals += 1;
        return this.#tokenRefusals < TOKEN_TRIES
          ? undefined
          : `${network} does not accept this bridge's proof of who you are. Whoever runs the bridge should check its clock and its public address. Writing “disable ${network.toLowerCase()}” and enabling again may help too.`;
      case 403:
        return `${network} only takes people who are in the European Economic Area.`;
      case 402:
      case 406:
        return `${network} has blocked your account there.`;
      case 405:
        return `${network} says this bridge is too old. Whoever runs it should update it.`;
      case 404: {
        const words = `${network} no longer knows your account there.`;
        ended({ kind: "gone", words });
        return words;
      }
      case 410: {
        const words = `${network} no longer works together with this service.`;
        ended({ kind: "removed", words });
        return words;
      }
      default:
        return undefined;
    }
  }

  #change(state: ConnectionState): void {
    const before = this.#state;
    this.#state = state;
    if (before.kind === "refused" && state.kind === "refused" && before.words === state.words) return;
    this.#parts.changed(state);
    if (state.kind === "refused") {
      this.#settle((waiter) => waiter.reject(refusedForGood(state.words)));
    }
  }

  #settle(
    act: (waiter: { resolve(connection: Connection): void; reject(error: unknown): void }) => void,
  ): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) act(waiter);
  }

  async #pause(ms: number, clock: Clock): Promise<void> {
    const cancel = clock.after(ms, () => this.#wake());
    await this.#woken();
    cancel();
  }

  /** Resolves when `#wake` is called: at the end of a pause, by a push, or at the stop. */
  async #woken(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    if (this.#stopping) resolve();
    await promise;
    this.#wake = () => undefined;
  }
}

function waitingWords(network: string, ending: Ending): string {
  if (ending.kind === "lost" && ending.fault instanceof BridgeError) return ending.fault.words;
  return ending.kind === "failure"
    ? `${network} refused the connection (error ${ending.reason}).`
    : `The connection to ${network} is broken.`;
}

function refusedForGood(words: string): BridgeError {
  return new BridgeError("remote-refused", { words, certain: true });
}

/** The error for those who wait when the bridge or the login ends; what they would send stays stored. */
function stopped(): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: "The connection was closed.",
    certain: true,
    retryAfter: 0,
  });
}
