import { requiredTime, timeFrom } from "./fields.ts";
import { EnvelopeSchema } from "./gen/envelope_pb.js";
import { ENVELOPE } from "./numbers.ts";
import { decodeProtobuf } from "./protobuf.ts";
import { readPni, readServiceId, type ServiceId } from "./service-id.ts";

type EnvelopeType = NonNullable<ReturnType<typeof ENVELOPE.nameOf>> | "unknown";

/** What the server hands out: encrypted content, or its word that a device has something (`receipt`). */
export interface Envelope {
  readonly type: EnvelopeType;
  /** By the sender's clock, and the message's name. */
  readonly timestamp: number;
  /** By the server's clock. */
  readonly serverTimestamp: number | undefined;
  /** Undefined where the sender is sealed. */
  readonly source: ServiceId | undefined;
  readonly sourceDevice: number | undefined;
  /** Which of our identities it is for. */
  readonly destination: ServiceId | undefined;
  readonly content: Uint8Array;
  /** The account has another phone number, whose identity this is. */
  readonly updatedPni: ServiceId | undefined;
  readonly story: boolean;
  readonly urgent: boolean;
}

/** Throws `malformed` and `too-long`. */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const envelope = decodeProtobuf(EnvelopeSchema, bytes);
  return {
    type: ENVELOPE.nameOf(envelope.type) ?? "unknown",
    timestamp: requiredTime(envelope.clientTimestamp, "an envelope"),
    serverTimestamp: timeFrom(envelope.serverTimestamp),
    source: readServiceId(envelope.sourceServiceId, envelope.sourceServiceIdBinary),
    sourceDevice: envelope.sourceDeviceId || undefined,
    destination: readServiceId(envelope.destinationServiceId, envelope.destinationServiceIdBinary),
    content: envelope.content,
    updatedPni: readPni(envelope.updatedPni || undefined, bytesOf(envelope.updatedPniBinary)),
    story: envelope.story,
    urgent: envelope.urgent,
  };
}

/** Of 16 bytes, or 17 with its kind before them. */
function bytesOf(binary: Uint8Array): Uint8Array | undefined {
  return binary.length === 17 ? binary.subarray(1) : binary.length === 0 ? undefined : binary;
}
