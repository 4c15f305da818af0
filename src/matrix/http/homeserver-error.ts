import { BridgeError } from "../../core/model/errors.ts";
import { errcodeOf } from "./errcode.ts";
import { fieldOf } from "./json.ts";

/** A homeserver's answer, whatever its status; `body` is undefined where it was not JSON. */
export interface Reply {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: unknown;
}

/** The status and errcode of a refusal, kept as the `cause` of its BridgeError. */
export class HomeserverRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(`${status} ${code}`);
    this.name = "HomeserverRefusal";
    this.status = status;
    this.code = code;
  }
}

/** The homeserver's refusal that caused an error; undefined for errors of other causes. */
export function refusalOf(error: unknown): HomeserverRefusal | undefined {
  return error instanceof BridgeError && error.cause instanceof HomeserverRefusal ? error.cause : undefined;
}

/** Whether the homeserver itself answered that there is no such thing; a proxy's 404 or an unserved path does not count. */
export function isAbsent({ status, body }: Reply): boolean {
  const code = errcodeOf(body);
  return status === 404 && code !== undefined && code !== "M_UNRECOGNIZED";
}

/** The BridgeError of an answer that is no success: whether to repeat the request, and whether it was surely not carried out. */
export function faultOfReply({ status, retryAfter, body }: Reply): BridgeError {
  const code = errcodeOf(body) ?? "no-errcode";
  const cause = new HomeserverRefusal(status, code);
  if (status === 429) {
    return new BridgeError("homeserver-unreachable", {
      words: "The homeserver asks the bridge to slow down.",
      certain: true,
      retryAfter: waitOf(retryAfter, body),
      cause,
    });
  }
  if (status === 401) {
    return new BridgeError("homeserver-unreachable", {
      words:
        "The homeserver does not know the bridge's as_token. Put this bridge's registration file into its configuration and restart it.",
      certain: true,
      retryAfter: 0,
      cause,
    });
  }
  // A proxy with a limit of its own answers 413 with a page, without an errcode.
  if (status === 413 || code === "M_TOO_LARGE") {
    return new BridgeError("too-large", {
      words: "The homeserver finds it too large.",
      certain: true,
      cause,
    });
  }
  // A proxy's page instead of Matrix JSON, and every 5xx, say nothing about whether the request was carried out.
  if (status >= 500 || status < 400 || code === "no-errcode") {
    return new BridgeError("homeserver-unreachable", {
      words: "The homeserver is not working properly right now.",
      certain: false,
      retryAfter: 0,
      cause,
    });
  }
  if (status === 403) {
    return new BridgeError("forbidden", { words: "The homeserver does not allow it.", certain: true, cause });
  }
  if (status === 404) {
    return new BridgeError("not-found", { words: "The homeserver does not know it.", certain: true, cause });
  }
  return new BridgeError("bad-input", { words: "The homeserver refused it.", certain: true, cause });
}

function waitOf(header: string | undefined, body: unknown): number {
  const seconds = Number(header);
  const ms = fieldOf(body, "retry_after_ms");
  const wait = typeof ms === "number" ? ms : header === undefined ? 0 : seconds * 1000;
  return Number.isFinite(wait) && wait > 0 ? Math.min(wait, 300_000) : 0;
}

/** Codes of connections that were never made, so that nothing was sent. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** The BridgeError of a request without an answer: refused, reset, or timed out. */
export function faultOfSocket(cause: unknown): BridgeError {
  const code = fieldOf(cause, "code");
  return new BridgeError("homeserver-unreachable", {
    words: "The homeserver does not answer.",
    certain: typeof code === "string" && NEVER_SENT.has(code),
    retryAfter: 0,
    cause,
  });
}
