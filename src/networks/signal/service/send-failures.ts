import { ErrorCode, type MismatchedDevicesEntry } from "@signalapp/libsignal-client";
import { ZodError } from "zod";
import { durationWords } from "../../../core/model/duration-words.ts";
import { BridgeError } from "../../../core/model/errors.ts";
import { HOW_TO_ANSWER } from "./challenges.ts";
import { serviceFailure } from "./service-errors.ts";

/** How the server's list of somebody's devices is another one. */
export interface DeviceMismatch {
  readonly missing: readonly number[];
  readonly extra: readonly number[];
  /** Set up anew since the session was made. */
  readonly stale: readonly number[];
}

/** Why the server did not take a message. */
export type SendFailure =
  | ({ readonly kind: "devices" } & DeviceMismatch)
  /** The recipient's profile key is another one. */
  | { readonly kind: "access" }
  | { readonly kind: "failed"; readonly error: BridgeError };

/** Milliseconds to wait where the server asks for a proof and does not say how long. */
const WAIT_FOR_PROOF = 86_400_000;
const WAIT_WHERE_UNSAID = 60_000;
/** Milliseconds to wait where only an update of the bridge helps, which restarts it. */
const WAIT_FOR_UPDATE = 600_000;

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

/** Why the server did not take a message to many. */
type ManySendFailure =
  /** By service id; nobody was reached. */
  | { readonly kind: "devices"; readonly of: ReadonlyMap<string, DeviceMismatch> }
  | Exclude<SendFailure, { readonly kind: "devices" }>;

export function manySendFailureOf(error: unknown): ManySendFailure {
  const failure = sendFailureOf(error);
  if (failure.kind !== "devices") return failure;
  const entries = mismatchIn(error) ?? [];
  return {
    kind: "devices",
    of: new Map(
      entries.map(({ account, missingDevices, extraDevices, staleDevices }) => [
        account.getServiceIdString(),
        { missing: missingDevices, extra: extraDevices, stale: staleDevices },
      ]),
    ),
  };
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

/** The words for an error of a request about a person. */
export function failureOf(error: unknown): BridgeError {
  return error instanceof BridgeError || serviceFailure(error).kind !== "not-found"
    ? requestFailure(error)
    : notRegistered(error);
}

/** The words for an error of any request. */
export function requestFailure(error: unknown): BridgeError {
  if (error instanceof BridgeError) return error;
  if (error instanceof ZodError) return refused("an answer that makes no sense", error);
  const failure = serviceFailure(error);
  switch (failure.kind) {
    case "not-found":
      return refused("error 404", error);
    case "rate-limited":
      return tooMany(failure.wait || WAIT_WHERE_UNSAID, error);
    case "challenge":
      return proofWanted(failure.wait || WAIT_FOR_PROOF, error);
    case "refused":
      return failure.status < 500 ? refused(`error ${failure.status}`, error) : unreachable(error);
    case "too-old":
      return tooOld(error);
    case "unauthorized":
      return notAccepted(error);
    case "connected-elsewhere":
    case "invalidated":
    case "unlinked":
    case "unreachable":
      return unreachable(error);
  }
}

/** It is about what was asked, so that asking again for ever would keep the chat from going on. */
function refused(why: string, cause: unknown): BridgeError {
  return new BridgeError("remote-refused", {
    words: `Signal did not take this (${why}).`,
    certain: false,
    retryAfter: 0,
    cause,
  });
}

function tooOld(cause: unknown): BridgeError {
  return new BridgeError("remote-unreachable", {
    words:
      "Signal no longer serves this version of the bridge. Whoever runs it should update it; what you wrote is sent by itself then.",
    certain: true,
    retryAfter: WAIT_FOR_UPDATE,
    cause,
  });
}

/** The connection's end says whether the device was removed. */
function notAccepted(cause: unknown): BridgeError {
  return new BridgeError("remote-unreachable", {
    words: "Signal does not accept this bridge at the moment. It is tried again by itself.",
    certain: true,
    retryAfter: 0,
    cause,
  });
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
