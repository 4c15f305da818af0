import { ErrorCode } from "@signalapp/libsignal-client";
import { ServiceRefusal } from "./json-requests.ts";

/** What a failed call of the service means, whichever way it was made: by libsignal, or as JSON. */
export type ServiceFailure =
  /** The server asks to wait: milliseconds, where it says for how long. */
  | { readonly kind: "rate-limited"; readonly wait: number | undefined }
  /** It wants a person to prove that they are one before it takes more; `token` names the demand. */
  | { readonly kind: "challenge"; readonly token: string; readonly wait: number | undefined }
  /** This device was removed from the account. */
  | { readonly kind: "unlinked" }
  /** The server no longer serves this version. */
  | { readonly kind: "too-old" }
  /** Another connection of this device took the place of this one. */
  | { readonly kind: "connected-elsewhere" }
  /** The server wants the device to prove itself anew, on another connection. */
  | { readonly kind: "invalidated" }
  /** What was asked for is not there: the person, or their account. */
  | { readonly kind: "not-found" }
  | { readonly kind: "unauthorized" }
  /** The server answered with another status. */
  | { readonly kind: "refused"; readonly status: number }
  /** There was no answer. */
  | { readonly kind: "unreachable" };

/** libsignal's error codes are bare numbers. */
const RATE_LIMITED: number = ErrorCode.RateLimitedError;
const IO: number = ErrorCode.IoError;
const CHALLENGED: number = ErrorCode.RateLimitChallengeError;
const KINDS: ReadonlyMap<number, ServiceFailure> = new Map<number, ServiceFailure>([
  [ErrorCode.DeviceDelinked, { kind: "unlinked" }],
  [ErrorCode.AppExpired, { kind: "too-old" }],
  [ErrorCode.ConnectedElsewhere, { kind: "connected-elsewhere" }],
  [ErrorCode.ConnectionInvalidated, { kind: "invalidated" }],
  [ErrorCode.ServiceIdNotFound, { kind: "not-found" }],
  [ErrorCode.RequestUnauthorized, { kind: "unauthorized" }],
]);

export function serviceFailure(error: unknown): ServiceFailure {
  if (error instanceof ServiceRefusal) return refusal(error);
  const fields = fieldsOf(error);
  if (fields === undefined) return { kind: "unreachable" };
  const wait = typeof fields.retryAfterSecs === "number" ? fields.retryAfterSecs * 1_000 : undefined;
  if (fields.code === RATE_LIMITED) return { kind: "rate-limited", wait };
  if (fields.code === CHALLENGED && typeof fields.token === "string")
    return { kind: "challenge", token: fields.token, wait };
  if (fields.code === IO) return statusFailure(fields.message);
  return KINDS.get(fields.code) ?? { kind: "unreachable" };
}

/** What the server answered where none of the call's own errors says it; libsignal tells it in these words alone. */
const statusFailure = (message: string): ServiceFailure =>
  STATUSES.get(/\bgRPC status: (\w+)/.exec(message)?.[1] ?? "") ?? { kind: "unreachable" };

const STATUSES: ReadonlyMap<string, ServiceFailure> = new Map<string, ServiceFailure>([
  ["InvalidArgument", { kind: "refused", status: 400 }],
  ["FailedPrecondition", { kind: "refused", status: 400 }],
  ["OutOfRange", { kind: "refused", status: 400 }],
  ["ResourceExhausted", { kind: "rate-limited", wait: undefined }],
  ["Unimplemented", { kind: "too-old" }],
]);

function refusal({ status, retryAfter, body }: ServiceRefusal): ServiceFailure {
  switch (status) {
    case 401:
      return { kind: "unauthorized" };
    case 404:
      return { kind: "not-found" };
    case 428: {
      const token: unknown = Object(body).token;
      return typeof token === "string"
        ? { kind: "challenge", token, wait: retryAfter }
        : { kind: "rate-limited", wait: retryAfter };
    }
    case 413:
    case 429:
      return { kind: "rate-limited", wait: retryAfter };
    case 499:
      return { kind: "too-old" };
    default:
      return { kind: "refused", status };
  }
}

interface LibSignalFields {
  readonly code: number;
  readonly message: string;
  readonly retryAfterSecs?: unknown;
  readonly token?: unknown;
}

/**
 * By the error's shape: the native module makes errors of the class it got first, which need not be this module's.
 * Undefined for other errors, such as an abort's.
 */
function fieldsOf(error: unknown): LibSignalFields | undefined {
  if (typeof error !== "object" || error === null || !("operation" in error) || !("code" in error))
    return undefined;
  return typeof error.code === "number"
    ? { ...error, code: error.code, message: "message" in error ? String(error.message) : "" }
    : undefined;
}
