import { z } from "zod";
import { BridgeError } from "../../../core/model/errors.ts";

const TIMEOUT = 20_000;
const MAX_BODY = 64 * 1024;

const answer = z.object({
  account_id: z.string().regex(/^\d{1,20}$/),
  jid: z.string(),
  chat_url: z.url({ protocol: /^wss?$/ }),
  media_proxy: z.url({ protocol: /^https?$/ }),
  media_url: z.url({ protocol: /^https?$/ }),
});
export type EnlistAnswer = z.infer<typeof answer>;

/** The gatekeeper's enlistment endpoint. */
export interface EnlistEndpoint {
  readonly url: string;
  /** The network's name, for words. */
  readonly network: string;
  /** Ends the request. */
  readonly stopping: AbortSignal | undefined;
}

/** `POST /v1/enlist`. Throws BridgeError with words for the person. */
export async function postEnlist(endpoint: EnlistEndpoint, token: string): Promise<EnlistAnswer> {
  const { network } = endpoint;
  const response = await call(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id_token: token }),
  });
  if (response.status !== 200 && response.status !== 201) throw refused(response, network);
  const read = answer.safeParse(json(response.body));
  if (read.success) return read.data;
  throw new BridgeError("remote-refused", {
    words: `${network} answered with something this bridge does not understand. Tell whoever runs this bridge.`,
    certain: false,
  });
}

/** What became of an enlistment that is not meant. */
export interface TrialAnswer {
  readonly status: number;
  /** The network's own word for why; undefined where it says none. */
  readonly code: string | undefined;
  /** The account, where one was made. */
  readonly accountId: string | undefined;
}

const errorAnswer = z.object({ error: z.object({ code: z.string().regex(/^[\w-]{1,60}$/) }) });

/** `POST /v1/enlist`, to see what is answered. Throws BridgeError where nothing is. */
export async function tryEnlist(endpoint: EnlistEndpoint, token: string): Promise<TrialAnswer> {
  const { status, body } = await call(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id_token: token }),
  });
  const read = answer.safeParse(json(body));
  const error = errorAnswer.safeParse(json(body));
  return {
    status,
    code: error.success ? error.data.error.code : undefined,
    accountId: read.success ? read.data.account_id : undefined,
  };
}

/** `DELETE /v1/enlist/{account_id}`; an account that is gone already is success. */
export async function deleteEnlist(
  endpoint: EnlistEndpoint,
  accountId: string,
  token: string,
): Promise<void> {
  const url = `${endpoint.url}/${encodeURIComponent(accountId)}`;
  const response = await call(
    { ...endpoint, url },
    {
      method: "DELETE",
      headers: { authorization: `Bearer ${token}` },
    },
  );
  const done = response.status === 404 || response.status === 410 || Math.floor(response.status / 100) === 2;
  if (!done) throw refused(response, endpoint.network);
}

interface EnlistResponse {
  readonly status: number;
  /** Milliseconds. */
  readonly retryAfter: number | undefined;
  readonly body: string;
}

/** The time-out covers the whole request, up to the last byte of the answer. */
async function call({ url, network, stopping }: EnlistEndpoint, init: RequestInit): Promise<EnlistResponse> {
  const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT), ...(stopping ? [stopping] : [])]);
  try {
    const response = await fetch(url, { ...init, redirect: "manual", signal });
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    const retryAfter = seconds >= 0 ? Math.min(seconds, 86_400) * 1_000 : undefined;
    return { status: response.status, retryAfter, body: await bounded(response) };
  } catch (cause) {
    stopping?.throwIfAborted();
    throw new BridgeError("remote-unreachable", {
      words: `${network} cannot be reached at the moment. Try again in a few minutes.`,
      certain: false,
      retryAfter: 0,
      cause,
    });
  }
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error("the answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused({ status, retryAfter }: EnlistResponse, network: string): BridgeError {
  switch (status) {
    case 400:
      return refusal(`${network} did not understand the registration. Tell whoever runs this bridge.`);
    case 401:
      return refusal(
        `${network} did not accept this bridge's proof of who you are. Try again in a minute; if it stays so, tell whoever runs this bridge: its clock may be wrong, or its public address unknown to ${network}.`,
      );
    case 403:
      return refusal(`${network} only takes people who are in the European Economic Area.`, "forbidden");
    case 409:
      return refusal(
        `${network} is still taking back your earlier registration. Try again in a minute.`,
        "remote-refused",
        retryAfter ?? 60_000,
      );
    case 410:
      return refusal(`${network} no longer works together with this service.`, "gone");
    case 429: {
      const wait = retryAfter ?? 60_000;
      return refusal(
        `${network} has too much to do at the moment. Try again in ${span(wait)}.`,
        "remote-refused",
        wait,
      );
    }
    default:
      return status >= 500
        ? new BridgeError("remote-unreachable", {
            words: `${network} has a problem at the moment. Try again in a few minutes.`,
            certain: false,
            retryAfter: retryAfter ?? 0,
          })
        : refusal(`${network} refused (error ${status}). Tell whoever runs this bridge.`);
  }
}

function refusal(
  words: string,
  reason: "remote-refused" | "forbidden" | "gone" = "remote-refused",
  retryAfter?: number,
): BridgeError {
  return new BridgeError(reason, { words, certain: true, ...(retryAfter !== undefined && { retryAfter }) });
}

function span(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 90) return seconds === 1 ? "a second" : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
