import { BridgeError } from "../../../core/model/errors.ts";
import type { LoginId } from "../../../core/model/ids.ts";
import type { Clock, Random } from "../../../core/ports/clock.ts";
import { faultOf, type Log } from "../../../core/ports/log.ts";
import type { ConnectionState, Ended } from "../../../core/ports/network.ts";
import { backOff, jittered } from "../../../core/runtime/back-off.ts";
import type { Chat } from "../service/chat.ts";
import { afterEnding } from "./endings.ts";
import { keepAlive } from "./keep-alive.ts";
import type { OpenChat } from "./open-chat.ts";
import type { PortWatch } from "./port-watch.ts";

interface ReconnectingChatParts {
  /** For the log. */
  readonly login: LoginId;
  /** Connects; throws what libsignal throws. */
  readonly open: (signal: AbortSignal) => Promise<OpenChat>;
  /** Completes before the connection counts as up; where it rejects, the connection is closed. */
  readonly ready: (chat: Chat) => Promise<void>;
  readonly changed: (state: ConnectionState) => void;
  /** Called when the account, or this device of it, is gone. */
  readonly ended: (what: Ended) => void;
  readonly port: PortWatch;
  /** Of the server, for the administrator. */
  readonly address: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

interface Waiter {
  resolve(chat: Chat): void;
  reject(error: unknown): void;
}

/** Milliseconds in which a connection must be made. */
const CONNECT_TIMEOUT = 15_000;
/** Tries at a server that can be reached and does not take us, after which the pauses between them grow. */
const FAST_TRIES = 30;
const FAST_PAUSE = 750;
const LONGEST_PAUSE = 30_000;
/** Milliseconds within which the logins that waited for the server connect, so that not all do at once. */
const SPREAD = 300;

/** Keeps one login's connection up until it is stopped or there is nothing to connect to. */
export class ReconnectingChat {
  readonly #parts: ReconnectingChatParts;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #state: ConnectionState = { kind: "connecting" };
  #chat: Chat | undefined;
  #waiters: Waiter[] = [];
  #failures = 0;
  #wake: () => void = () => undefined;

  constructor(parts: ReconnectingChatParts) {
    this.#parts = parts;
    this.#running = this.#run();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The connection that is up, if one is. */
  get current(): Chat | undefined {
    return this.#state.kind === "connected" ? this.#chat : undefined;
  }

  /**
   * Resolves with the connection when it is up; rejects where the signal aborts or there is nothing to connect to any
   * more.
   */
  async up(signal: AbortSignal): Promise<Chat> {
    const { current } = this;
    if (current) return current;
    signal.throwIfAborted();
    if (this.#stopping.signal.aborted) throw stopped();
    if (this.#state.kind === "refused") throw refused(this.#state.words);
    const { promise, resolve, reject } = Promise.withResolvers<Chat>();
    const waiter = { resolve, reject };
    const abort = () => {
      this.#waiters = this.#waiters.filter((one) => one !== waiter);
      reject(signal.reason);
    };
    this.#waiters.push(waiter);
    signal.addEventListener("abort", abort, { once: true });
    return promise.finally(() => signal.removeEventListener("abort", abort));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#chat?.close(undefined);
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { address, ended } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#change({ kind: "connecting" });
      const after = afterEnding(await this.#attempt(), address);
      this.#chat = undefined;
      if (signal.aborted) break;
      if (after.kind === "over") {
        this.#change({
          kind: "refused",
          words: after.words,
          ...(after.trouble && { trouble: after.trouble }),
        });
        if (after.ended) ended(after.ended);
        await this.#woken();
        continue;
      }
      this.#change({ kind: "waiting", words: after.words });
      if (after.when === "pace") await this.#pace();
      else if (after.when !== "at-once") await this.#pause(after.when.wait);
    }
    this.#settle((waiter) => waiter.reject(stopped()));
  }

  /** Opens one connection and resolves when it has ended, with how. */
  async #attempt(): Promise<unknown> {
    const { login, open, ready, log, clock } = this.#parts;
    const late = new AbortController();
    const cancel = clock.after(CONNECT_TIMEOUT, () => late.abort());
    try {
      const { chat, closed } = await open(AbortSignal.any([late.signal, this.#stopping.signal]));
      cancel();
      keepAlive({ connection: chat.authenticated, close: (cause) => chat.close(cause), closed }, clock);
      this.#chat = chat;
      if (this.#stopping.signal.aborted) chat.close(undefined);
      const isReady = ready(chat).then(
        () => true,
        (error: unknown) => {
          chat.close(error);
          return false;
        },
      );
      if (await Promise.race([isReady, closed.then(() => false)])) this.#up(chat);
      const ending = await closed;
      log.debug("a connection ended", { login, ...faultOf(ending) });
      return ending;
    } catch (fault) {
      log.debug("a connection could not be made", { login, ...faultOf(fault) });
      return fault;
    } finally {
      cancel();
    }
  }

  #up(chat: Chat): void {
    this.#failures = 0;
    this.#change({ kind: "connected" });
    this.#settle((waiter) => waiter.resolve(chat));
  }

  #change(state: ConnectionState): void {
    this.#state = state;
    this.#parts.changed(state);
    if (state.kind === "refused") this.#settle((waiter) => waiter.reject(refused(state.words)));
  }

  #settle(act: (waiter: Waiter) => void): void {
    for (const waiter of this.#waiters.splice(0)) act(waiter);
  }

  /** Waits as long as the server cannot be reached; where it can and does not take us, longer each time. */
  async #pace(): Promise<void> {
    const { port, random } = this.#parts;
    const failures = this.#failures++;
    if (failures > 0 && (await port.isOpen())) {
      const longer = Math.min(LONGEST_PAUSE, backOff(failures - FAST_TRIES));
      return this.#pause(jittered(failures < FAST_TRIES ? FAST_PAUSE : longer, random));
    }
    const cancel = port.whenOpen(() => this.#wake());
    await this.#woken();
    cancel();
    await this.#pause(SPREAD - jittered(SPREAD, random));
  }

  async #pause(ms: number): Promise<void> {
    const cancel = this.#parts.clock.after(ms, () => this.#wake());
    await this.#woken();
    cancel();
  }

  /** Resolves when `#wake` is called: at the end of a pause, or at the stop. */
  async #woken(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    if (this.#stopping.signal.aborted) resolve();
    await promise;
    this.#wake = () => undefined;
  }
}

function refused(words: string): BridgeError {
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
