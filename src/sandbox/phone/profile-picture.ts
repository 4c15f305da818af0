import { randomBytes } from "node:crypto";
import { type Node, node } from "../../networks/meta-interop/wire/node.ts";
import { openMedia, sealMedia } from "../state/media-crypto.ts";
import type { MediaTables } from "../state/media-tables.ts";
import type { PersonRow, ProfilePicture } from "../state/person-table.ts";

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const bytesOf = (text: string): Uint8Array => Buffer.from(text, "base64");

/** Encrypts a picture for the media host; `host` is to be called inside the commit that makes it a person's. */
export function sealPicture(plain: Uint8Array) {
  const { file, hosted } = sealMedia("image", plain);
  const picture: ProfilePicture = {
    id: randomBytes(16).toString("hex"),
    key: base64(file.mediaKey),
    sha256: base64(file.fileSha256),
    encSha256: base64(file.fileEncSha256),
    length: file.fileLength,
  };
  return { picture, host: (media: MediaTables, network: string) => media.host(network, picture.id, hosted) };
}

export const pictureType = (bytes: Uint8Array): string => (bytes[0] === 0xff ? "image/jpeg" : "image/png");

/** The bytes of a person's or group's picture; undefined where they have none. */
export function pictureOf(
  { network, picture }: Pick<PersonRow, "network" | "picture">,
  media: MediaTables,
): Uint8Array | undefined {
  const hosted = picture && media.hosted(network, picture.id);
  if (!hosted) return undefined;
  const opened = openMedia(
    "image",
    {
      mediaKey: bytesOf(picture.key),
      fileSha256: bytesOf(picture.sha256),
      fileEncSha256: bytesOf(picture.encSha256),
      fileLength: picture.length,
    },
    hosted,
  );
  return typeof opened === "string" ? undefined : opened;
}

/** What look-ups and notifications say of a person's picture: an element without attributes for none. */
export const pictureNode = (picture: ProfilePicture | null): Node =>
  picture === null
    ? node("picture")
    : node("picture", {
        direct_path: `/${picture.id}`,
        key: picture.key,
        sha256: picture.sha256,
        enc_sha256: picture.encSha256,
        length: String(picture.length),
      });
