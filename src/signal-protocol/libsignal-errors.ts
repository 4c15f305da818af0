import { ErrorCode } from "@signalapp/libsignal-client";

/** libsignal gives its errors' codes as bare numbers. */
const DUPLICATED: number = ErrorCode.DuplicatedMessage;
const UNTRUSTED: number = ErrorCode.UntrustedIdentity;
const NO_SENDER_KEY: number = ErrorCode.InvalidSenderKeySession;

export const isDuplicate = (error: unknown): boolean => codeOf(error) === DUPLICATED;
export const isUntrusted = (error: unknown): boolean => codeOf(error) === UNTRUSTED;
export const isWithoutSenderKey = (error: unknown): boolean => codeOf(error) === NO_SENDER_KEY;

/** Only the name of the error's code: texts of libsignal may hold addresses. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return code === undefined ? "malformed" : (ErrorCode[code] ?? "unknown");
}

/** By its shape: the native part makes errors of the class it was first given, which need not be this module's. */
function codeOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("operation" in error) || !("code" in error))
    return undefined;
  return typeof error.code === "number" ? error.code : undefined;
}
