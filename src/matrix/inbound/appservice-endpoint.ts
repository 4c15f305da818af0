import type { IncomingMessage, ServerResponse } from "node:http";
import { BridgeError } from "../../core/model/errors.ts";
import type { MatrixSignal } from "../../core/model/events.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { HomeserverSink } from "../../core/ports/homeserver-sink.ts";
import { faultOf, type Log } from "../../core/ports/log.ts";
import type { Metrics } from "../../core/ports/metrics.ts";
import { GuardedServer } from "../../http/guarded-server.ts";
import { readBody } from "../../http/read-body.ts";
import { closing } from "../../http/reply.ts";
import { type NamespaceOptions, namespaceOf } from "../http/namespace.ts";
import { type Call, matchCall } from "./appservice-routes.ts";
import { answerProxied, type ProxiedRequests, proxiedPath } from "./proxied-requests.ts";
import { authorize, secretMatcher } from "./tokens.ts";
import { decodeTransaction } from "./transaction.ts";

export interface EndpointOptions {
  readonly hsToken: string;
  readonly sink: HomeserverSink;
  readonly isOurs: (user: UserId) => boolean;
  /** Whether a user of our namespace exists; answered from memory, because Synapse waits for it. */
  readonly exists: (user: UserId) => boolean;
  /** Whether a room is under our alias of this key by now; the homeserver waits for it. None if absent. */
  readonly aliases?: { readonly names: NamespaceOptions; queried(key: string): Promise<boolean> };
  /** Networks by the short name of the registration's `protocols`. */
  readonly protocols: ReadonlyMap<string, string>;
  readonly signals?: (signals: readonly MatrixSignal[]) => void;
  /** Called with the outcome of each transaction. */
  readonly answered?: (outcome: "taken" | "refused") => void;
  /** What the homeserver passes on for its clients; none if absent. */
  readonly proxied?: ProxiedRequests;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Milliseconds in which a request must arrive whole; a minute if absent. */
  readonly requestTimeout?: number;
}

interface EndpointAnswer {
  readonly status: number;
  /** JSON, but for text and bytes, which are sent as they are. */
  readonly body: object | string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The largest transaction in bytes: 100 events of 64 KiB are 6.5 MB; escapes and larger batches fit too. */
const LARGEST = 32 * 1024 * 1024;

const refuse = (status: number, errcode: string, error: string, headers = {}): EndpointAnswer => ({
  status,
  body: { errcode, error },
  headers,
});
const done: EndpointAnswer = { status: 200, body: {} };

/** The endpoint that the homeserver calls (spec: Application Service API). A transaction is committed, then answered. */
export class AppserviceEndpoint implements AsyncDisposable {
  readonly #options: EndpointOptions;
  readonly #matches: (given: string) => boolean;
  readonly #isOurs: (user: string) => boolean;
  readonly #server: GuardedServer;

  constructor(options: EndpointOptions) {
    const { requestTimeout = 60_000 } = options;
    this.#options = options;
    this.#matches = secretMatcher(options.hsToken);
    this.#isOurs = (user) => options.isOurs(user as UserId);
    this.#server = new GuardedServer({
      name: "listener for the homeserver",
      serve: (request, response) => void this.#serve(request, response),
      refusal: ({ status, words }) =>
        JSON.stringify({
          errcode: status === 400 ? "M_UNRECOGNIZED" : status === 431 ? "M_TOO_LARGE" : "M_UNKNOWN",
          error: words,
        }),
      log: options.log,
      requestTimeout,
      keepAlive: 120_000,
      most: 500,
    });
  }

  /** Resolves to the port when it listens; 0 asks for a free one. Throws BridgeError where it cannot. */
  listen(host: string, port: number): Promise<number> {
    return this.#server.listen(host, port);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answer: EndpointAnswer;
    try {
      answer = await this.#answer(request, response);
    } catch (error) {
      if (request.destroyed && !request.complete) return;
      this.#options.log.error("a request of the homeserver failed", faultOf(error));
      answer = refuse(500, "M_UNKNOWN", "The bridge failed on this request.");
    }
    const { body } = answer;
    const bytes = Buffer.from(
      typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
    );
    response.writeHead(answer.status, {
      "content-type": "application/json",
      "content-length": bytes.length,
      ...answer.headers,
      // The connection closes on a refused body, whose unread rest would be read as the next request.
      ...(request.complete || answer.status < 400 ? {} : { connection: "close" }),
    });
    response.end(bytes);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<EndpointAnswer> {
    const url = URL.parse(`http://bridge${request.url ?? "/"}`);
    if (url === null) return refuse(400, "M_INVALID_PARAM", "The address is malformed.");
    const { proxied } = this.#options;
    const rest = proxied && proxiedPath(proxied, url.pathname);
    if (proxied && rest !== undefined) {
      const refusal = this.#refusal(request, url);
      const asked = { path: rest, query: url.search.slice(1), gone: closing(response) };
      return refusal ?? answerProxied(proxied, asked, request);
    }
    const matched = matchCall(request.method ?? "", url.pathname);
    if (matched.kind === "unknown") return refuse(404, "M_UNRECOGNIZED", "There is nothing here.");
    if (matched.kind === "wrong-method") {
      return refuse(405, "M_UNRECOGNIZED", "Another method is wanted here.", { allow: matched.allowed });
    }
    const refusal = this.#refusal(request, url);
    if (refusal) return refusal;
    if (matched.kind === "malformed") return refuse(400, "M_INVALID_PARAM", "The address is malformed.");
    return this.#call(matched.call, request);
  }

  /** Undefined where the request has the homeserver's token. */
  #refusal(request: IncomingMessage, url: URL): EndpointAnswer | undefined {
    const allowed = authorize(this.#matches, request.headers.authorization, url.searchParams);
    if (allowed === "missing") return refuse(401, "M_MISSING_TOKEN", "The homeserver's token is missing.");
    if (allowed === "wrong") return refuse(403, "M_FORBIDDEN", "This is not the homeserver's token.");
    return undefined;
  }

  #call(call: Call, request: IncomingMessage): EndpointAnswer | Promise<EndpointAnswer> {
    switch (call.kind) {
      case "transaction":
        return this.#transaction(call.txn, request);
      case "user":
        return this.#options.exists(call.user as UserId)
          ? done
          : refuse(404, "M_NOT_FOUND", "There is no such user.");
      case "alias":
        return this.#alias(call.alias);
      case "protocol":
        return this.#protocol(call.protocol);
      case "third-party":
        return { status: 200, body: [] };
      case "ping":
        return done;
    }
  }

  async #alias(alias: string): Promise<EndpointAnswer> {
    const { aliases } = this.#options;
    const key = aliases && namespaceOf(aliases.names).aliasKey(alias);
    const isThere = key !== undefined && (await aliases?.queried(key)) === true;
    return isThere ? done : refuse(404, "M_NOT_FOUND", "There is no such room.");
  }

  #protocol(id: string): EndpointAnswer {
    const name = this.#options.protocols.get(id);
    if (name === undefined) return refuse(404, "M_NOT_FOUND", "There is no such network.");
    const instances = [{ network_id: id, desc: name, fields: {} }];
    return {
      status: 200,
      body: { user_fields: [], location_fields: [], icon: "", field_types: {}, instances },
    };
  }

  async #transaction(txn: string, request: IncomingMessage): Promise<EndpointAnswer> {
    const { metrics, sink, log } = this.#options;
    const bytes = await readBody(request, LARGEST);
    const start = performance.now();
    const finish = (outcome: "taken" | "refused", answer: EndpointAnswer): EndpointAnswer => {
      metrics.count("transactions", { outcome });
      this.#options.answered?.(outcome);
      metrics.time("transaction_seconds", { outcome }, (performance.now() - start) / 1000);
      return answer;
    };
    if (bytes === undefined) {
      log.warn("a transaction is larger than can be taken", { limit: LARGEST });
      return finish("refused", refuse(413, "M_TOO_LARGE", "The transaction is too large."));
    }
    const transaction = await decodeTransaction(bytes, this.#isOurs);
    if (transaction === undefined) {
      log.warn("a transaction is not one", { bytes: bytes.length });
      return finish("refused", refuse(400, "M_BAD_JSON", "A JSON object with a list of events is wanted."));
    }
    for (const { why, id } of transaction.ignored) {
      if (why === "malformed") log.warn("an event is malformed", { txn });
      else log.debug("an event is not for us", { event: id, why });
    }
    try {
      await sink.take(transaction.events, "push");
    } catch (error) {
      const { words } = BridgeError.from(error);
      log.error("a transaction could not be kept; the homeserver will bring it again", {
        txn,
        ...faultOf(error),
      });
      return finish("refused", refuse(503, "M_UNKNOWN", words));
    }
    if (transaction.signals.length > 0) this.#signal(transaction.signals);
    return finish("taken", done);
  }

  #signal(signals: readonly MatrixSignal[]): void {
    try {
      this.#options.signals?.(signals);
    } catch (error) {
      this.#options.log.error("typing and receipts could not be handed on", faultOf(error));
    }
  }
}
