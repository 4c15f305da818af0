import { Agent, request } from "undici";
import { wellFormedJson } from "../../core/model/well-formed.ts";

/** The options of the `request` package that matrix-bot-sdk uses. */
interface Params {
  readonly uri: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly qs?: Readonly<Record<string, unknown>> | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly timeout?: number;
  /** `null` asks for bytes instead of text. */
  readonly encoding?: null;
}

interface SdkAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string | Buffer;
}

interface RequestContext {
  readonly dispatcher: Agent;
  readonly signal: AbortSignal;
}

/** Milliseconds. */
const TIMEOUT = 60_000;

type Done = (error: unknown, answer?: SdkAnswer, body?: string | Buffer) => void;

/**
 * Takes the place of the deprecated `request` package, over connections that stay open. When `stopping` aborts, running
 * and later requests fail with its reason.
 */
export function requestFunction(
  connections: number,
  stopping: AbortSignal | undefined,
): (params: Params, done: Done) => void {
  const dispatcher = new Agent({ connections, pipelining: 1, connect: { timeout: 10_000 } });
  return (params, done) => {
    // The timeout is for the whole request, up to the answer's last byte.
    const timeout = AbortSignal.timeout(params.timeout ?? TIMEOUT);
    const signal = stopping ? AbortSignal.any([timeout, stopping]) : timeout;
    void answer(params, { dispatcher, signal }, done);
  };
}

async function answer(params: Params, context: RequestContext, done: Done): Promise<void> {
  try {
    const answer = await perform(params, context);
    done(undefined, answer, answer.body);
  } catch (error) {
    done(error);
  }
}

async function perform(params: Params, { dispatcher, signal }: RequestContext): Promise<SdkAnswer> {
  const url = new URL(params.uri);
  for (const [name, value] of Object.entries(params.qs ?? {})) {
    for (const item of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (typeof item === "string" || typeof item === "number" || typeof item === "boolean") {
        url.searchParams.append(name, `${item}`);
      }
    }
  }
  const response = await request(url, {
    dispatcher,
    signal,
    method: params.method,
    headers: { ...params.headers },
    body: typeof params.body === "string" ? wellFormedJson(params.body) : (params.body ?? null),
  });
  const { statusCode, headers } = response;
  const body =
    params.encoding === null ? Buffer.from(await response.body.arrayBuffer()) : await response.body.text();
  return { statusCode, headers, body };
}
