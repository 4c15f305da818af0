import { ErrorCode, type Net } from "@signalapp/libsignal-client";
import { z } from "zod";
import { durationWords } from "../../../core/model/duration-words.ts";
import { BridgeError } from "../../../core/model/errors.ts";
import { type Requesting, requestJson } from "./json-requests.ts";
import { serviceFailure } from "./service-errors.ts";

const credentials = z.object({ username: z.string(), password: z.string() });

/** libsignal's way into the enclave in which Signal keeps who has which number. */
export type Enclave = Pick<Net.Net, "cdsiLookup">;

/** Of a contact whose profile key is known: by both the directory tells their account, beside their number's identity. */
export interface KnownAccount {
  /** The account as a service id. */
  readonly aci: string;
  /** Base64. */
  readonly accessKey: string;
}

/**
 * Whom a number leads to, as service ids: their account, where it is told, and the number's identity. `none` where nobody
 * is found by it, `no-directory` where the server has none.
 */
export type Listed =
  | { readonly aci: string | undefined; readonly pni: string | undefined }
  | "none"
  | "no-directory";

interface NumberDirectoryParts {
  /** The login's connection, over which its pass to the directory is given out. */
  readonly connection: () => Promise<Requesting>;
  readonly enclave: () => Enclave;
  readonly stopping?: AbortSignal | undefined;
  /** Milliseconds for one look-up. */
  readonly patience?: number;
}

const PATIENCE = 20_000;

/** Signal's directory of phone numbers, which is asked about one number at a time. */
export class NumberDirectory {
  readonly #parts: NumberDirectoryParts;

  constructor(parts: NumberDirectoryParts) {
    this.#parts = parts;
  }

  /**
   * `number`: E.164. The directory tells the account only of a number that is one of `known`, else the number's identity,
   * to which a first message goes. Throws BridgeError.
   */
  async find(number: string, known: readonly KnownAccount[]): Promise<Listed> {
    const { connection, enclave, stopping, patience = PATIENCE } = this.#parts;
    const timeout = AbortSignal.timeout(patience);
    const abortSignal = stopping ? AbortSignal.any([stopping, timeout]) : timeout;
    try {
      const pass = await passFor(await connection());
      if (pass === undefined) return "no-directory";
      const options = { e164s: [number], acisAndAccessKeys: [...known], abortSignal };
      const { entries } = await enclave().cdsiLookup(pass, options);
      const { aci, pni } = entries.get(number) ?? {};
      if (aci === undefined && pni === undefined) return "none";
      return { aci, pni: pni && withKind(pni) };
    } catch (error) {
      throw notLookedUp(error);
    }
  }
}

/** Undefined at a server without a directory. */
async function passFor(connection: Requesting): Promise<Net.ServiceAuth | undefined> {
  try {
    return credentials.parse(await requestJson(connection, { verb: "GET", path: "/v2/directory/auth" }));
  } catch (error) {
    if (serviceFailure(error).kind === "not-found") return undefined;
    throw error;
  }
}

const KIND = "PNI:";
const withKind = (pni: string): string => (pni.startsWith(KIND) ? pni : `${KIND}${pni}`);

/** libsignal's code for a pass that the directory does not take. */
const INVALID_TOKEN: number = ErrorCode.CdsiInvalidToken;
const INSTEAD = "Until then a username or a signal.me link works.";

function notLookedUp(error: unknown): BridgeError {
  if (error instanceof BridgeError) return error;
  const failure = serviceFailure(error);
  const fail = (words: string, retryAfter?: number): BridgeError =>
    new BridgeError("remote-unreachable", {
      words,
      certain: true,
      cause: error,
      ...(retryAfter !== undefined && { retryAfter }),
    });
  if (failure.kind === "rate-limited" || failure.kind === "challenge") {
    const { wait } = failure;
    const when = wait ? `in ${durationWords(wait / 1_000)}` : "in an hour or more";
    return fail(`Signal looks no more numbers up for you for now. Try again ${when}. ${INSTEAD}`, wait);
  }
  const isRefused = failure.kind === "unauthorized" || Object(error).code === INVALID_TOKEN;
  const what = isRefused
    ? "Signal did not let this bridge look the number up."
    : "Signal's directory of phone numbers cannot be reached at the moment.";
  return fail(`${what} Try again in a few minutes. ${INSTEAD}`);
}
