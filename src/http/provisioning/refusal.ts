import { BridgeError, type Reason } from "../../core/model/errors.ts";

interface RefusalDetails {
  readonly status: number;
  /** As the Matrix specification or mautrix's provisioning API name it. */
  readonly errcode: string;
  /** A sentence: what is wrong, and what to do about it. */
  readonly words: string;
  /** Milliseconds after which it may be asked again. */
  readonly retryAfter?: number;
  /** The methods the address takes. */
  readonly allow?: readonly string[];
}

/** A request that is not carried out, as its client hears of it. */
export class Refusal extends Error {
  readonly details: RefusalDetails;

  constructor(details: RefusalDetails) {
    super(`${details.status} ${details.errcode}`);
    this.name = "Refusal";
    this.details = details;
  }

  /** Any failure, in a client's terms. */
  static from(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    const { reason, words, retryAfter } = BridgeError.from(error);
    const [status, errcode] = ANSWERS[reason];
    return new Refusal({ status, errcode, words, ...(retryAfter === undefined ? {} : { retryAfter }) });
  }
}

const ANSWERS: { readonly [R in Reason]: readonly [status: number, errcode: string] } = {
  unsupported: [400, "M_INVALID_PARAM"],
  "too-large": [413, "M_TOO_LARGE"],
  "not-logged-in": [400, "FI.MAU.NOT_LOGGED_IN"],
  "not-reachable": [404, "M_NOT_FOUND"],
  "not-found": [404, "M_NOT_FOUND"],
  forbidden: [403, "M_FORBIDDEN"],
  gone: [404, "M_NOT_FOUND"],
  "bad-input": [400, "M_INVALID_PARAM"],
  "remote-refused": [502, "M_UNKNOWN"],
  "remote-unreachable": [503, "M_UNKNOWN"],
  "homeserver-unreachable": [503, "M_UNKNOWN"],
  "homeserver-fault": [503, "M_UNKNOWN"],
  "too-slow": [503, "M_UNKNOWN"],
  "no-room": [503, "M_UNKNOWN"],
  storage: [503, "M_UNKNOWN"],
  unstorable: [500, "M_UNKNOWN"],
  unreadable: [400, "M_INVALID_PARAM"],
  changed: [409, "M_BAD_STATE"],
  stopping: [503, "M_UNKNOWN"],
  internal: [500, "M_UNKNOWN"],
};

/** The same for what is not there and for what is somebody else's, so that nothing is learnt. */
export const notFound = (words: string): Refusal =>
  new Refusal({ status: 404, errcode: "M_NOT_FOUND", words });

export const badState = (words: string): Refusal =>
  new Refusal({ status: 400, errcode: "M_BAD_STATE", words });

export const invalid = (words: string): Refusal =>
  new Refusal({ status: 400, errcode: "M_INVALID_PARAM", words });
