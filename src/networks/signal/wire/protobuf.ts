import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { malformed, WireError } from "./errors.ts";

/** Messages nest at most 24 deep. */
const recursionLimit = 24;
/**
 * The most bytes of a message, an envelope or a storage record. Signal's server takes 256 KiB; more of the smallest
 * fields than fit here would hold the event loop.
 */
const MOST_BYTES = 320 * 1024;

/** Reads a message from untrusted bytes, but for fields that are not in our .proto files. Bytes may be views of the input. */
export function decodeProtobuf<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
): MessageShape<Desc> {
  return decoded(schema, bytes, false);
}

/** As {@link decodeProtobuf}; keeps the fields that are not in our .proto files, so that writing it back loses nothing. */
export function decodeWhole<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  return decoded(schema, bytes, true);
}

function decoded<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  readUnknownFields: boolean,
): MessageShape<Desc> {
  if (bytes.length > MOST_BYTES) throw new WireError("too-long", `${bytes.length} bytes of ${schema.name}`);
  try {
    return fromBinary(schema, bytes, { readUnknownFields, recursionLimit });
  } catch (cause) {
    throw malformed(`not a valid ${schema.name}`, { cause });
  }
}
