import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { WireError } from "./errors.ts";

/** Unknown fields are not kept (two bytes of input would become an object each), and messages nest at most 24 deep. */
const options = { readUnknownFields: false, recursionLimit: 24 } as const;

/** Reads a message from untrusted bytes. Throws `protobuf`. Bytes fields may be views of the input. */
export function decodeProtobuf<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes, options);
  } catch (cause) {
    throw new WireError("protobuf", `not a valid ${schema.name}`, { cause });
  }
}
