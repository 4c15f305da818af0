import type { Dispatcher } from "undici";
import { BridgeError } from "../../core/model/errors.ts";
import type { UserId } from "../../core/model/ids.ts";
import { wellFormedJson } from "../../core/model/well-formed.ts";
import { faultOfReply, faultOfSocket, type Reply } from "./homeserver-error.ts";
import { LeanPool } from "./lean-pool.ts";
import { slicedJson } from "./sliced-json.ts";
import { wholeAnswer } from "./whole-answer.ts";

export interface RequestOptions {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Made by {@link route}, so that every value in it is encoded. */
  readonly path: Route;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The user of our namespace to act as. */
  readonly as?: UserId;
  readonly device?: string;
  /** Sends neither our token nor a body. */
  readonly anonymous?: true;
  /** Milliseconds without an answer after which the request fails. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** A path whose values are escaped. Made by {@link route} only. */
export type Route = string & { readonly __route: true };

export function route(fixed: TemplateStringsArray, ...values: readonly string[]): Route {
  const filled = fixed.map((text, index) => {
    const value = values[index];
    return value === undefined ? text : text + escaped(value);
  });
  return filled.join("") as Route;
}

/** `encodeURIComponent` throws at a lone surrogate, which is replaced first. */
const escaped = (value: string): string => encodeURIComponent(value.toWellFormed());

export interface Connection {
  readonly homeserverUrl: string;
  readonly asToken: string;
  /** The most sockets; further requests wait for a free one. */
  readonly connections?: number;
  /** The largest answer, in bytes. */
  readonly maxResponse?: number;
  /** When it aborts, running and later requests fail with its reason. */
  readonly stopping?: AbortSignal | undefined;
}

const TIMEOUT = 60_000;
const MiB = 1024 * 1024;
const ANONYMOUS = { accept: "application/json" };

/** Sends requests to the homeserver over connections that stay open, one at a time over each. */
export class Requests implements AsyncDisposable {
  readonly #pool: Dispatcher;
  readonly #prefix: string;
  readonly #headers: Record<string, string>;
  readonly #jsonHeaders: Record<string, string>;
  readonly #stopping: AbortSignal | undefined;

  constructor({ homeserverUrl, asToken, connections = 64, maxResponse = 64 * MiB, stopping }: Connection) {
    const url = new URL(homeserverUrl);
    this.#prefix = url.pathname.replace(/\/+$/, "");
    this.#pool = new LeanPool(url.origin, {
      connections,
      pipelining: 1,
      connect: { timeout: 10_000 },
      headersTimeout: TIMEOUT,
      bodyTimeout: TIMEOUT,
      maxResponseSize: maxResponse,
    });
    this.#stopping = stopping;
    const stop = (): void => {
      this.#pool.destroy(stopping?.reason as Error).catch(() => undefined);
    };
    stopping?.addEventListener("abort", stop, { once: true });
    this.#headers = { ...ANONYMOUS, authorization: `Bearer ${asToken}` };
    this.#jsonHeaders = { ...this.#headers, "content-type": "application/json" };
  }

  /** The answer, whatever its status. Throws BridgeError where there is none. */
  async ask(options: RequestOptions): Promise<Reply> {
    const { method, path, body, timeout, signal, anonymous } = options;
    try {
      const answer = await wholeAnswer(
        this.#pool,
        {
          method,
          path: this.#prefix + path + queryOf(options),
          headers: anonymous ? ANONYMOUS : body === undefined ? this.#headers : this.#jsonHeaders,
          body: body === undefined ? null : wellFormedJson(JSON.stringify(body)),
          ...(timeout === undefined ? {} : { headersTimeout: timeout, bodyTimeout: timeout }),
        },
        signal,
      );
      return { status: answer.status, retryAfter: answer.retryAfter, body: await slicedJson(answer.text) };
    } catch (error) {
      this.#stopping?.throwIfAborted();
      throw faultOfSocket(error);
    }
  }

  /** The JSON object of a successful answer. Throws BridgeError for any other answer, or none. */
  async json(options: RequestOptions): Promise<Readonly<Record<string, unknown>>> {
    const reply = await this.ask(options);
    const { status, body } = reply;
    if (status >= 200 && status < 300 && typeof body === "object" && body !== null && !Array.isArray(body)) {
      return body as Readonly<Record<string, unknown>>;
    }
    throw faultOfReply(reply);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy(
      new BridgeError("homeserver-unreachable", {
        words: "The bridge is stopping.",
        certain: false,
        retryAfter: 0,
      }),
    );
  }
}

function queryOf({ query, as, device }: RequestOptions): string {
  let text = as === undefined ? "" : `&user_id=${escaped(as)}`;
  if (device !== undefined) text += `&device_id=${escaped(device)}`;
  for (const [name, value] of Object.entries(query ?? {})) text += `&${name}=${escaped(value)}`;
  return text === "" ? "" : `?${text.slice(1)}`;
}
