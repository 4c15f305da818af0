import type { Net } from "@signalapp/libsignal-client";
import { stopping } from "../../../core/model/errors.ts";
import type { SharedNet } from "../service/shared-net.ts";

/** Milliseconds in which a connection must be made. */
const CONNECT_TIMEOUT = 15_000;

/**
 * The connection on which nobody proves who they are, one for all logins: sealed messages, profiles and user names are
 * asked for on it, so that the server does not learn whose contacts those are. It is made when somebody needs it.
 */
export class SharedChat implements AsyncDisposable {
  readonly #shared: SharedNet;
  readonly #stopping = new AbortController();
  #connection: Promise<Net.UnauthenticatedChatConnection> | undefined;

  constructor(shared: SharedNet) {
    this.#shared = shared;
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
    const connecting = net.connectUnauthenticatedChat(
      { onConnectionInterrupted: () => this.#forget(connecting) },
      { abortSignal },
    );
    connecting.catch(() => {
      this.#shared.failed(net);
      this.#forget(connecting);
    });
    return connecting;
  }

  #forget(connection: Promise<Net.UnauthenticatedChatConnection>): void {
    if (this.#connection === connection) this.#connection = undefined;
  }
}
