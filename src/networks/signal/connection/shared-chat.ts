import type { Net } from "@signalapp/libsignal-client";
import { stopping } from "../../../core/model/errors.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { SharedNet } from "../service/shared-net.ts";
import { keepAlive } from "./keep-alive.ts";

/** Milliseconds in which a connection must be made. */
const CONNECT_TIMEOUT = 15_000;

/**
 * The connection on which nobody proves who they are, one for all logins: sealed messages, profiles and user names are
 * asked for on it, so that the server does not learn whose contacts those are. It is made when somebody needs it.
 */
export class SharedChat implements AsyncDisposable {
  readonly #shared: SharedNet;
  readonly #clock: Pick<Clock, "after">;
  readonly #stopping = new AbortController();
  #connection: Promise<Net.UnauthenticatedChatConnection> | undefined;

  constructor(shared: SharedNet, clock: Pick<Clock, "after">) {
    this.#shared = shared;
    this.#clock = clock;
  }

  /** The open connection. Throws what libsignal throws where none can be made; the next call tries again. */
  get(): Promise<Net.UnauthenticatedChatConnection> {
    if (this.#stopping.signal.aborted) return Promise.reject(stopping());
    this.#connection ??= this.#connect();
    return this.#connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.disconnect().catch(() => undefined);
  }

  #connect(): Promise<Net.UnauthenticatedChatConnection> {
    const { net } = this.#shared;
    const abortSignal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(CONNECT_TIMEOUT)]);
    const closed = Promise.withResolvers<void>();
    const connecting = net.connectUnauthenticatedChat(
      { onConnectionInterrupted: () => closed.resolve() },
      { abortSignal },
    );
    void this.#watch(connecting, closed, net);
    return connecting;
  }

  async #watch(
    connecting: Promise<Net.UnauthenticatedChatConnection>,
    { promise: closed, resolve: ended }: PromiseWithResolvers<void>,
    net: Net.Net,
  ): Promise<void> {
    try {
      const connection = await connecting;
      const close = (): void => {
        ended();
        connection.disconnect().catch(() => undefined);
      };
      keepAlive({ connection, close, closed }, this.#clock);
      await closed;
    } catch {
      this.#shared.failed(net);
    }
    if (this.#connection === connecting) this.#connection = undefined;
  }
}
