import {
  create,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { SubProtocol } from "./gen/msg-common_pb.js";
import type { WAMediaTransport } from "./gen/msg-media_pb.js";
import { fileFrom, optional, refuse } from "./plaintext-fields.ts";
import type { MediaFile } from "./plaintext-kinds.ts";
import { decodeProtobuf } from "./protobuf.ts";

interface Integral {
  readonly transport?: WAMediaTransport | undefined;
}

const mediaVersion = 1;
const none = new Uint8Array(0);

/** One layer wrapped for the next. */
export function wrap<Desc extends DescMessage>(
  schema: Desc,
  fields: MessageInitShape<Desc>,
  version = mediaVersion,
) {
  return { payload: toBinary(schema, create(schema, fields)), version };
}

/** Throws `protobuf`, also when the layer is missing. */
export function unwrap<Desc extends DescMessage>(
  schema: Desc,
  layer: SubProtocol | undefined,
): MessageShape<Desc> {
  if (layer === undefined) throw refuse(`a layer ${schema.name} is missing`);
  return decodeProtobuf(schema, layer.payload);
}

/** Messenger's transport has one address field: an absolute URL in it means that a third party hosts the file. */
export function transportOf(file: MediaFile, thumbnail?: Uint8Array) {
  const { mimetype, fileSha256, mediaKey, fileEncSha256, mediaKeyTimestamp } = file;
  return {
    transport: {
      integral: {
        fileSha256,
        mediaKey,
        fileEncSha256,
        directPath: file.url ?? file.directPath ?? "",
        ...(mediaKeyTimestamp === undefined ? {} : { mediaKeyTimestamp: BigInt(mediaKeyTimestamp) }),
      },
      ancillary: {
        fileLength: BigInt(file.fileLength),
        mimetype,
        ...(thumbnail === undefined ? {} : { thumbnail: { jpegThumbnail: thumbnail } }),
      },
    },
  };
}

/** Throws `protobuf` as fileFrom does. */
export function fileOfTransport(integral: Integral | undefined): MediaFile {
  const { integral: file, ancillary } = integral?.transport ?? {};
  const address = file?.directPath ?? "";
  const absolute = /^https?:\/\//i.test(address);
  return fileFrom({
    url: absolute ? address : "",
    directPath: absolute ? "" : address,
    mimetype: ancillary?.mimetype ?? "",
    fileLength: ancillary?.fileLength ?? 0n,
    fileSha256: file?.fileSha256 ?? none,
    mediaKey: file?.mediaKey ?? none,
    fileEncSha256: file?.fileEncSha256 ?? none,
    mediaKeyTimestamp: file?.mediaKeyTimestamp ?? 0n,
  });
}

export const thumbnailOf = (integral: Integral | undefined) =>
  optional("thumbnail", integral?.transport?.ancillary?.thumbnail?.jpegThumbnail);
