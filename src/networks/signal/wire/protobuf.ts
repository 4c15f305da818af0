import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { countFields, DEEPEST } from "./count-fields.ts";
import { malformed, WireError } from "./errors.ts";

interface Limits {
  readonly bytes: number;
  /** Fields, those of messages within it included. More than that would hold the event loop. */
  readonly fields: number;
}

/** Of what others send; Signal's server takes 256 KiB. */
const MESSAGE: Limits = { bytes: 320 * 1024, fields: 8_000 };
/** Of what the person's own devices store at the server: thousands of contacts. */
const STORED: Limits = { bytes: 16 * 1024 * 1024, fields: 200_000 };

/** Reads a message from untrusted bytes, which it may have views of. Throws `malformed` and `too-long`. */
export function decodeProtobuf<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
): MessageShape<Desc> {
  return decoded(schema, bytes, MESSAGE);
}

/** As {@link decodeProtobuf}, of what the person's own devices stored, which may be longer. */
export function decodeWhole<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  return decoded(schema, bytes, STORED);
}

function decoded<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  most: Limits,
): MessageShape<Desc> {
  if (bytes.length > most.bytes || countFields(schema, bytes, most.fields) > most.fields)
    throw new WireError("too-long", `${bytes.length} bytes of ${schema.name}`);
  try {
    // What is not in our .proto files is kept, so that writing it back loses nothing, and so that it can be told.
    return fromBinary(schema, bytes, { readUnknownFields: true, recursionLimit: DEEPEST });
  } catch (cause) {
    throw malformed(`not a valid ${schema.name}`, { cause });
  }
}
