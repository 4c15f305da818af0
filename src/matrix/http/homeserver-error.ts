import { BridgeError } from "../../core/model/errors.ts";
import { errcodeOf } from "./errcode.ts";
import { fieldOf } from "./json.ts";

/** A homeserver's answer, whatever its status; `body` is undefined where it was not JSON. */
export interface Reply {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: unknown;
}

/** A refusal as the homeserver gave it, kept as the cause of the BridgeError for those who can mend it. */
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

/** The refusal behind an error, if a homeserver's answer is what it was made of. */
export function refusalOf(error: unknown): HomeserverRefusal | undefined {
  return error instanceof BridgeError && error.cause instanceof HomeserverRefusal ? error.cause : undefined;
}

/**
 * Whether the homeserver itself says that what was asked for is not there. A proxy's page says nothing of it, nor does
 * a path that is not served.
 */
export function isAbsent({ status, body }: Reply): boolean {
  const code = errcodeOf(body);
  return status === 404 && code !== undefined && code !== "M_UNRECOGNIZED";
}

/** An answer that is not a success, as an error: what is worth repeating, and what is certain not to have happened. */
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
  // A proxy in front of the homeserver has a limit of its own, and says so with a page.
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

/** Codes of connections that never stood, so that nothing can have been sent. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** A request without an answer: refused, reset, or out of time. */
export function faultOfSocket(cause: unknown): BridgeError {
  const code = fieldOf(cause, "code");
  return new BridgeError("homeserver-unreachable", {
    words: "The homeserver does not answer.",
    certain: typeof code === "string" && NEVER_SENT.has(code),
    retryAfter: 0,
    cause,
  });
}
