import { HttpError } from "../http/http-error.ts";
import { type DrawnPicture, drawnPicture } from "../phone/drawn-pictures.ts";
import { imageSize } from "../phone/image-size.ts";

/** Bytes. */
const LARGEST_PICTURE = 1_000_000;

/** The picture that a verb brings or names; undefined for none. Throws where it is too large, or no PNG or JPEG. */
export function givenPicture(given: {
  readonly media?: string | undefined;
  readonly drawn?: DrawnPicture | undefined;
}): Uint8Array | undefined {
  if (given.drawn !== undefined) return drawnPicture(given.drawn);
  if (!given.media) return undefined;
  const bytes = Buffer.from(given.media, "base64");
  if (bytes.length > LARGEST_PICTURE)
    throw new HttpError(409, "too-large", `A phone takes no picture of more than ${LARGEST_PICTURE} bytes.`);
  if (imageSize(bytes).width === undefined)
    throw new HttpError(400, "malformed", "A profile's picture is a PNG or a JPEG.");
  return bytes;
}
