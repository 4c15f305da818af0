import { Agent, request } from "undici";
import { wellFormedJson } from "../core/well-formed.ts";

/** What matrix-bot-sdk asks of its request function: the options of the `request` package that it uses. */
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

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string | Buffer;
}

type Done = (error: unknown, answer?: Answer, body?: string | Buffer) => void;

/** A stand-in for the deprecated `request` package that keeps its connections open. */
export function requestFunction(connections: number): (params: Params, done: Done) => void {
  const dispatcher = new Agent({ connections, pipelining: 1, connect: { timeout: 10_000 } });
  return (params, done) => void answer(params, dispatcher, done);
}

async function answer(params: Params, dispatcher: Agent, done: Done): Promise<void> {
  try {
    const answer = await perform(params, dispatcher);
    done(undefined, answer, answer.body);
  } catch (error) {
    done(error);
  }
}

async function perform(params: Params, dispatcher: Agent): Promise<Answer> {
  const url = new URL(params.uri);
  for (const [name, value] of Object.entries(params.qs ?? {})) {
    for (const item of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (typeof item === "string" || typeof item === "number" || typeof item === "boolean") {
        url.searchParams.append(name, `${item}`);
      }
    }
  }
  const timeout = params.timeout ?? 60_000;
  const response = await request(url, {
    dispatcher,
    method: params.method,
    headers: { ...params.headers },
    body: typeof params.body === "string" ? wellFormedJson(params.body) : (params.body ?? null),
    headersTimeout: timeout,
    bodyTimeout: timeout,
  });
  const { statusCode, headers } = response;
  const body =
    params.encoding === null ? Buffer.from(await response.body.arrayBuffer()) : await response.body.text();
  return { statusCode, headers, body };
}
