import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { org } from "@signalapp/mock-server/protos/compiled.js";
import type { Faults, ManyAnswer, SendAnswer } from "./faults.ts";
import { org as values } from "./mock-server.ts";
import { RESOURCE_EXHAUSTED, RpcFailure, serveRpc, UNAVAILABLE } from "./rpc.ts";
import { serviceIdentifier } from "./service-ids.ts";

type Outcome = NonNullable<
  | org.signal.chat.messages.SendMessageAuthenticatedSenderResponse.Params["response"]
  | org.signal.chat.messages.SendMessageResponse.Params["response"]
>;

const TO_MANY = "org.signal.chat.messages.MessagesAnonymous/SendMultiRecipientMessage";

/** Whether it answered a send to many by a fault. */
export function deniesMany(
  faults: Pick<Faults, "nextToMany">,
  endpoint: string,
  request: Http2ServerRequest,
  response: Http2ServerResponse,
): boolean {
  const fault = endpoint === TO_MANY ? faults.nextToMany() : undefined;
  if (!fault) return false;
  void serveRpc(TO_MANY, request, response, async () => ({ response: manyOutcome(fault) }));
  return true;
}

function manyOutcome(
  fault: ManyAnswer,
): org.signal.chat.messages.SendMultiRecipientMessageResponse.Params["response"] {
  if (fault.kind === "unauthorized")
    return { failedUnidentifiedAuthorization: { description: "wrong token" } };
  const { to, missing = [], extra = [], stale = [] } = fault;
  const devices = { missingDevices: [...missing], extraDevices: [...extra], staleDevices: [...stale] };
  return {
    mismatchedDevices: { mismatchedDevices: [{ serviceIdentifier: serviceIdentifier(to), ...devices }] },
  };
}

/** The answer of a fault to a send to this service id. Throws {@link RpcFailure} for what is told by a status. */
export function faultyOutcome(
  fault: Exclude<SendAnswer, { kind: "lost" | "held" }>,
  target: string,
): Outcome {
  switch (fault.kind) {
    case "challenge":
      return { challengeRequired: challenge(fault.retryAfter) };
    case "rate-limit":
      throw new RpcFailure(RESOURCE_EXHAUSTED, "rate limited", {
        "grpc-status-details-bin": details(RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED", fault.retryAfter),
      });
    case "unavailable":
      throw new RpcFailure(UNAVAILABLE, "unavailable", {
        "grpc-status-details-bin": details(UNAVAILABLE, "UNAVAILABLE"),
      });
    case "status":
      throw new RpcFailure(fault.code, "refused");
    case "unauthorized":
      return { failedUnidentifiedAuthorization: { description: "wrong access key" } };
    case "unregistered":
      return { destinationNotFound: {} };
    case "devices":
      return {
        mismatchedDevices: {
          serviceIdentifier: serviceIdentifier(target),
          missingDevices: [...(fault.missing ?? [])],
          extraDevices: [...(fault.extra ?? [])],
          staleDevices: [...(fault.stale ?? [])],
        },
      };
  }
}

/** What a sender who is held back has to answer. */
export function challenge(retryAfter?: number): org.signal.chat.messages.ChallengeRequired.Params {
  return {
    token: "challenge-token",
    challengeOptions: [values.signal.chat.messages.ChallengeRequired.ChallengeType.CAPTCHA],
    retryAfterSeconds: retryAfter === undefined ? null : BigInt(retryAfter),
  };
}

/** A `google.rpc.Status` as Signal's server explains a failure with, in base64. */
function details(code: number, reason: string, retryAfter?: number): string {
  const info = any("google.rpc.ErrorInfo", [...text(1, reason), ...text(2, "grpc.chat.signal.org")]);
  const retry =
    retryAfter === undefined ? [] : any("google.rpc.RetryInfo", bytes(1, [...number(1, retryAfter)]));
  return Buffer.from([...number(1, code), ...info, ...retry]).toString("base64");
}

type Bytes = readonly number[];

/** In `details` (3) of the status; everything is short enough for lengths of one byte. */
const any = (type: string, value: Bytes): Bytes =>
  bytes(3, [...text(1, `type.googleapis.com/${type}`), ...bytes(2, value)]);
const number = (field: number, value: number): Bytes => [field << 3, ...varint(value)];
const varint = (value: number): Bytes =>
  value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
const bytes = (field: number, value: Bytes): Bytes => [(field << 3) | 2, value.length, ...value];
const text = (field: number, value: string): Bytes => bytes(field, [...Buffer.from(value)]);
