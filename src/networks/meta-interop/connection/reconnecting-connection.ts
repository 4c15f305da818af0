import { BridgeError } from "../../../core/model/errors.ts";
import type { Clock, Random } from "../../../core/ports/clock.ts";
import { faultOf, type Log } from "../../../core/ports/log.ts";
import type { ConnectionState, Ended, NetworkTrouble } from "../../../core/ports/network.ts";
import type { Node } from "../wire/node.ts";
import type { Connection, Ending } from "./connection.ts";
import { reconnectDelay } from "./reconnect-delay.ts";

interface ReconnectingConnectionOptions {
  readonly network: string;
  /** Begins a connection with a fresh token. */
  readonly open: () => Promise<Connection>;
  /** What must be done before the connection counts as up. */
  readonly ready: (connection: Connection, success: Node) => Promise<void>;
  readonly changed: (state: ConnectionState) => void;
  /** The account, or our place in the network, is no more. */
  readonly ended: (what: Ended) => void;
  /** What an ending means to the administrator; undefined where it is the person's own matter. */
  readonly trouble: (ending: Ending) => NetworkTrouble | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** A token may be refused because keys or clocks have just changed; after that many times in a row it is not that. */
const TOKEN_TRIES = 12;
/** A token that does not hold (its keys, a clock), and an integrator that was removed: what others put right. */
const NOT_FOR_EVER: ReadonlySet<number> = new Set([401, 410, 413, 414]);
/** Milliseconds until a network that refused us so is asked again, where it does not call before. */
const COME_BACK = 600_000;

/** Keeps one login connected until it is told to stop, or told that it is of no use. */
export class ReconnectingConnection {
  readonly #options: ReconnectingConnectionOptions;
  readonly #running: Promise<void>;
  #state: ConnectionState = { kind: "connecting" };
  #connection: Connection | undefined;
  #waiters: { resolve(connection: Connection): void; reject(error: unknown): void }[] = [];
  /** Whether the last attempt came as far as `<success/>`. */
  #welcomed = false;
  #failures = 0;
  #tokenRefusals = 0;
  #stopping = false;
  #wake: () => void = () => undefined;

  constructor(options: ReconnectingConnectionOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The connection that is up, if one is. */
  get current(): Connection | undefined {
    return this.#state.kind === "connected" ? this.#connection : undefined;
  }

  /** Resolves when up; rejects where the signal aborts or the connection is refused for good. */
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

  /** There is a reason to try now. */
  hurry(): void {
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#connection?.close();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { network, clock, random, trouble: troubleOf } = this.#options;
    // Whether nobody needs to hear of the next attempt before it succeeds.
    let quiet = false;
    while (!this.#stopping) {
      if (!quiet) this.#change({ kind: "connecting" });
      quiet = false;
      const ending = await this.#attempt();
      this.#connection = undefined;
      if (this.#stopping) break;
      const words = this.#verdict(ending);
      const trouble = troubleOf(ending);
      const about = trouble ? { trouble } : {};
      if (words !== undefined) {
        this.#change({ kind: "refused", words, ...about });
        const again = (): void => {
          quiet = true;
          this.#wake();
        };
        const comesBack = ending.kind === "failure" && NOT_FOR_EVER.has(ending.reason);
        const cancel = comesBack ? clock.after(COME_BACK, again) : undefined;
        await this.#hurried();
        cancel?.();
        // Of its own accord it asks once each time, and tells nobody where the answer is the same.
        if (!quiet) this.#tokenRefusals = 0;
        continue;
      }
      if (ending.kind === "restart" && this.#welcomed) continue;
      this.#change({ kind: "waiting", words: waitingWords(network, ending), ...about });
      await this.#pause(reconnectDelay(this.#failures++, random), clock);
    }
    this.#settle((waiter) => waiter.reject(stopped()));
  }

  /** One connection from its beginning to its end. */
  async #attempt(): Promise<Ending> {
    const { open, ready, log, network } = this.#options;
    this.#welcomed = false;
    try {
      const connection = await open();
      this.#connection = connection;
      if (this.#stopping) connection.close();
      const success = await connection.opened;
      if (success) {
        this.#welcomed = true;
        const isReady = ready(connection, success).then(() => true);
        if (await Promise.race([isReady, connection.closed.then(() => false)])) this.#up(connection);
      }
      const ending = await connection.closed;
      log.debug("a connection ended", {
        network,
        ending: ending.kind,
        ...("fault" in ending && ending.fault !== undefined ? faultOf(ending.fault) : {}),
      });
      // A store that fails closes every connection as soon as something arrives: that is no success to start anew from.
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

  /** Words where there is no point in trying again. */
  #verdict(ending: Ending): string | undefined {
    const { network, ended } = this.#options;
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
    this.#options.changed(state);
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
    await this.#hurried();
    cancel();
  }

  /** Resolves when there is a reason to go on: a push says that the network counts on this account, or the end. */
  async #hurried(): Promise<void> {
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
    ? `${network} refused the connection (error ${ending.reason}). Trying again by itself.`
    : `The connection to ${network} is broken. Trying again by itself.`;
}

function refusedForGood(words: string): BridgeError {
  return new BridgeError("remote-refused", { words, certain: true });
}

/** The bridge ends, or the login: whatever waits stays stored. */
function stopped(): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: "The connection was closed.",
    certain: true,
    retryAfter: 0,
  });
}
