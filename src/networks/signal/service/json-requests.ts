import type { Net } from "@signalapp/libsignal-client";

/** What a request needs of a connection to the chat server. */
export type Requesting = Pick<Net.ChatConnection, "fetch">;

interface JsonRequest {
  readonly verb: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Milliseconds, after which there is no answer. */
  readonly timeout?: number;
}

const TIMEOUT = 20_000;

/** The server answered a request with anything but a 2xx; the texts of its answer stay out of the error's. */
export class ServiceRefusal extends Error {
  readonly status: number;
  /** Milliseconds; absent where the server did not say. */
  readonly retryAfter: number | undefined;
  /** The parsed JSON; undefined where there was none. */
  readonly body: unknown;

  constructor(status: number, retryAfter: number | undefined, body: unknown) {
    super(`the server answered ${status}`);
    this.name = "ServiceRefusal";
    this.status = status;
    this.retryAfter = retryAfter;
    this.body = body;
  }

  /** For logs. */
  get code(): string {
    return String(this.status);
  }
}

/**
 * A request of the service that libsignal has no call for: JSON both ways, over a connection to the chat server. Throws
 * {@link ServiceRefusal}, and what libsignal throws.
 */
export async function requestJson(connection: Requesting, request: JsonRequest): Promise<unknown> {
  const { verb, path, headers = {}, body, timeout = TIMEOUT } = request;
  const sent = body === undefined ? undefined : Uint8Array.from(Buffer.from(JSON.stringify(body)));
  const answer = await connection.fetch({
    verb,
    path,
    headers: [
      ...(sent ? [["content-type", "application/json"] as [string, string]] : []),
      ...Object.entries(headers),
    ],
    ...(sent && { body: sent }),
    timeoutMillis: timeout,
  });
  const parsed = parsedJson(answer.body);
  if (answer.status < 200 || answer.status > 299)
    throw new ServiceRefusal(answer.status, retryAfterIn(answer.headers), parsed);
  return parsed;
}

function parsedJson(body: Uint8Array | undefined): unknown {
  if (body === undefined || body.length === 0) return undefined;
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Only whole seconds are understood, as Signal's servers write it. */
function retryAfterIn(headers: readonly (readonly [string, string])[]): number | undefined {
  const text = headers.find(([name]) => name.toLowerCase() === "retry-after")?.[1].trim();
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : undefined;
}
