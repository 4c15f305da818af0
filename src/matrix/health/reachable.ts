import { setTimeout as pause } from "node:timers/promises";
import { BridgeError } from "../../core/model/errors.ts";
import { systemCode } from "../../core/model/system-code.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply, type Reply } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";
import { otherScheme } from "./other-scheme.ts";
import { shorterAddress } from "./shorter-address.ts";

/** Milliseconds. */
const TIMEOUT = 10_000;
/** Milliseconds without an answer after which the other of http and https is tried. */
const SCHEME_CHECK_AFTER = 1_500;

/** Where the address that is checked stands, for words about correcting it. */
const PLACES = {
  configured: {
    put: "Put that address into homeserver.url of the configuration.",
    correct: "its address in the configuration",
    key: "homeserver.url",
    as: "as homeserver.url in the configuration",
  },
  given: { put: "Give that address.", correct: "the address", key: "the address", as: "instead" },
} as const;

type Place = keyof typeof PLACES;

/**
 * Checks that a homeserver answers at the address. One that is `given` and not yet configured is asked without a token.
 * Throws BridgeError with words for the administrator; one with `retryAfter` means that the homeserver may only not be up
 * yet.
 */
export async function checkReachable(
  requests: Requests,
  homeserverUrl: string,
  place: Place = "configured",
): Promise<void> {
  const reply = await firstAnswer(requests, homeserverUrl, place);
  if (reply.status >= 500 || reply.status === 429) throw faultOfReply(reply);
  if (reply.status >= 300 && reply.status < 400) {
    throw refusal(
      `${homeserverUrl} sends whoever asks to another address, often https instead of http. ${PLACES[place].put}`,
    );
  }
  // Synapse checks the token even here; `checkAsToken` then says which file it has not loaded.
  if (errcodeOf(reply.body) === "M_UNKNOWN_TOKEN") return;
  if (reply.status === 200 && Array.isArray(fieldOf(reply.body, "versions"))) return;
  // TLS servers may answer a plain HTTP request with 400.
  throw (
    (reply.status === 400 ? await wrongScheme(homeserverUrl, place) : undefined) ??
    (await pathTooMany(homeserverUrl, place)) ??
    refusal(`What answers at ${homeserverUrl} is not a Matrix homeserver. Correct ${PLACES[place].correct}.`)
  );
}

const refusal = (words: string): BridgeError => new BridgeError("homeserver-fault", { words, certain: true });

/** The first answer; while it does not come the other scheme is tried, as the wrong one may get no answer at all. */
async function firstAnswer(requests: Requests, homeserverUrl: string, place: Place): Promise<Reply> {
  const abandon = new AbortController();
  const path = route`/_matrix/client/versions`;
  const anonymous = place === "given" ? ({ anonymous: true } as const) : {};
  const asked = requests.ask({ method: "GET", path, timeout: TIMEOUT, signal: abandon.signal, ...anonymous });
  try {
    const early = await Promise.race([
      asked,
      pause(SCHEME_CHECK_AFTER, undefined, { signal: abandon.signal }),
    ]);
    if (early) return early;
    const wrong = await Promise.race([wrongScheme(homeserverUrl, place), asked.then(() => undefined)]);
    if (wrong) throw wrong;
    return await asked;
  } catch (error) {
    if (error instanceof BridgeError && error.reason === "homeserver-fault") throw error;
    throw (await wrongScheme(homeserverUrl, place)) ?? unanswered(homeserverUrl, place, error);
  } finally {
    abandon.abort();
    asked.catch(() => undefined);
  }
}

async function wrongScheme(homeserverUrl: string, place: Place): Promise<BridgeError | undefined> {
  const other = await otherScheme(homeserverUrl);
  if (other === undefined) return undefined;
  const [is, not] = other.startsWith("https:") ? ["https", "plain http"] : ["plain http", "https"];
  return refusal(
    `What answers at ${homeserverUrl} speaks ${is}, not ${not}. Write ${other} ${PLACES[place].as}.`,
  );
}

async function pathTooMany(homeserverUrl: string, place: Place): Promise<BridgeError | undefined> {
  const shorter = await shorterAddress(homeserverUrl);
  if (shorter === undefined) return undefined;
  return refusal(
    `The homeserver is not under ${homeserverUrl}, which has a path too many. Write ${shorter} ${PLACES[place].as}.`,
  );
}

function unanswered(homeserverUrl: string, place: Place, cause: unknown): BridgeError {
  return new BridgeError("homeserver-unreachable", {
    words: `The homeserver does not answer at ${homeserverUrl}. ${cureOf(systemCode(cause), PLACES[place])}`,
    certain: true,
    retryAfter: 0,
    cause,
  });
}

function cureOf(code: string | undefined, { key, correct }: (typeof PLACES)[Place]): string {
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `Its name is not found (${code}): look for a mistyped name in ${key}, and at this machine's DNS.`;
    case undefined:
    case "ECONNREFUSED":
      return `Start it, or correct ${correct}.`;
    default:
      return /^(CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/.test(code)
        ? `Its certificate is not one this machine trusts (${code}): renew it, name its authority's file in NODE_EXTRA_CA_CERTS, or use the homeserver's plain http address on this machine.`
        : `Start it, or correct ${correct} (${code}).`;
  }
}
