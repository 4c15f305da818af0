import { ErrorCode } from "@signalapp/libsignal-client";

/** libsignal's error codes are bare numbers. */
const DUPLICATED: number = ErrorCode.DuplicatedMessage;
const UNTRUSTED: number = ErrorCode.UntrustedIdentity;
const NO_SENDER_KEY: number = ErrorCode.InvalidSenderKeySession;

export const isDuplicate = (error: unknown): boolean => codeOf(error) === DUPLICATED;
export const isUntrusted = (error: unknown): boolean => codeOf(error) === UNTRUSTED;
export const isWithoutSenderKey = (error: unknown): boolean => codeOf(error) === NO_SENDER_KEY;

/** The name of the error's code only: libsignal's texts may hold addresses. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return code === undefined ? "malformed" : (ErrorCode[code] ?? "unknown");
}

/**
 * The error's code, by the error's shape: the native module makes errors of the class it got first, which need not be
 * this module's.
 */
function codeOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("operation" in error) || !("code" in error))
    return undefined;
  return typeof error.code === "number" ? error.code : undefined;
}
