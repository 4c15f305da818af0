import { ErrorCode, type MismatchedDevicesEntry } from "@signalapp/libsignal-client";
import { durationWords } from "../../../core/model/duration-words.ts";
import { BridgeError } from "../../../core/model/errors.ts";
import { HOW_TO_ANSWER } from "./challenges.ts";
import { serviceFailure } from "./service-errors.ts";

/** Why the server did not take a message. */
export type SendFailure =
  /** Its list of the recipient's devices is another one. */
  | {
      readonly kind: "devices";
      readonly missing: readonly number[];
      readonly extra: readonly number[];
      /** Set up anew since the session was made. */
      readonly stale: readonly number[];
    }
  /** The recipient's profile key is another one. */
  | { readonly kind: "access" }
  | { readonly kind: "failed"; readonly error: BridgeError };

/** Milliseconds to wait where the server asks for a proof and does not say how long. */
const WAIT_FOR_PROOF = 86_400_000;
const WAIT_WHERE_UNSAID = 60_000;

export function sendFailureOf(error: unknown): SendFailure {
  const entries = mismatchIn(error);
  if (entries)
    return {
      kind: "devices",
      missing: entries.flatMap(({ missingDevices }) => missingDevices),
      extra: entries.flatMap(({ extraDevices }) => extraDevices),
      stale: entries.flatMap(({ staleDevices }) => staleDevices),
    };
  if (serviceFailure(error).kind === "unauthorized") return { kind: "access" };
  return { kind: "failed", error: failureOf(error) };
}

const MISMATCHED: number = ErrorCode.MismatchedDevices;

/** By the error's shape, as service-errors.ts has it. */
function mismatchIn(error: unknown): readonly MismatchedDevicesEntry[] | undefined {
  if (typeof error !== "object" || error === null || !("code" in error) || !("entries" in error))
    return undefined;
  const { code, entries } = error;
  return code === MISMATCHED && Array.isArray(entries)
    ? (entries as readonly MismatchedDevicesEntry[])
    : undefined;
}

/** The words for an error of a request. */
export function failureOf(error: unknown): BridgeError {
  if (error instanceof BridgeError) return error;
  const failure = serviceFailure(error);
  switch (failure.kind) {
    case "not-found":
      return notRegistered(error);
    case "rate-limited":
      return tooMany(failure.wait || WAIT_WHERE_UNSAID, error);
    case "challenge":
      return proofWanted(failure.wait || WAIT_FOR_PROOF, error);
    case "connected-elsewhere":
    case "invalidated":
    case "refused":
    case "too-old":
    case "unauthorized":
    case "unlinked":
    case "unreachable":
      return unreachable(error);
  }
}

function notRegistered(cause: unknown): BridgeError {
  return new BridgeError("not-reachable", {
    words: "This person is not on Signal any more.",
    certain: true,
    cause,
  });
}

/** `wait` in milliseconds. */
function tooMany(wait: number, cause: unknown): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: `Signal takes no more from you for ${durationWords(wait / 1_000)}. What you wrote is sent by itself then.`,
    certain: true,
    retryAfter: wait,
    cause,
  });
}

/** `wait` in milliseconds. */
function proofWanted(wait: number, cause: unknown): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: `Signal wants to know that you are a human before it takes more of your messages. ${HOW_TO_ANSWER} Without it, what you wrote is tried again in ${durationWords(wait / 1_000)}.`,
    certain: true,
    retryAfter: wait,
    cause,
  });
}

/** It is not known whether the server took what was sent. */
function unreachable(cause: unknown): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: "The connection to Signal broke. It is tried again by itself.",
    certain: false,
    retryAfter: 0,
    cause,
  });
}
