import { encode } from "blurhash";
import sharp, { type Metadata, type Sharp, type SharpOptions } from "sharp";
import type { Inspected } from "../core/model/media.ts";

const SIDE = 800;
const SECONDS = 10;
/** The most pixels of formats that are decoded line by line, and of formats that are decoded whole in memory. */
const STREAMED = 120_000_000;
export const WHOLE = 30_000_000;

// Only these decoders may run, whatever a file contains: no SVG, no PDF, no ImageMagick.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: ["Jpeg", "Png", "Nsgif", "Webp", "Heif", "Tiff"].flatMap((format) => [
    `VipsForeignLoad${format}File`,
    `VipsForeignLoad${format}Buffer`,
  ]),
});
sharp.cache(false);
sharp.concurrency(1);

export type Picture = Pick<Inspected, "width" | "height" | "thumbnail" | "blurhash">;

interface Openable {
  readonly header: Metadata;
  readonly options: SharpOptions;
}

/** How to open an image; undefined for a file that is none, or that has too many pixels to decode safely. */
export async function openable(path: string): Promise<Openable | undefined> {
  const options = { failOn: "error", pages: 1 } as const;
  const header = await sharp(path, { ...options, limitInputPixels: false })
    .metadata()
    .catch(() => undefined);
  if (!header || header.width * (header.pageHeight ?? header.height) > allowance(header)) return undefined;
  return { header, options: { ...options, limitInputPixels: STREAMED } };
}

/** An image's size as it is shown (after rotation), and a preview of its first frame. */
export async function describeImage(path: string): Promise<Picture | undefined> {
  const image = await openable(path);
  if (!image) return undefined;
  const { width, height } = image.header.autoOrient;
  const { pages, pageHeight } = image.header;
  const shown = { width, height: pages !== undefined && pageHeight ? pageHeight : height };
  const picture = await preview(sharp(path, image.options)).catch(() => ({}));
  return { ...shown, ...picture };
}

function allowance({ format, isProgressive }: Metadata): number {
  const streams = (format === "jpeg" || format === "png") && !isProgressive;
  return streams ? STREAMED : WHOLE;
}

/** A small JPEG of an image and its blurhash. Throws for what cannot be decoded. */
async function preview(image: Sharp): Promise<Pick<Inspected, "thumbnail" | "blurhash">> {
  const { data, info } = await image
    .autoOrient()
    .resize(SIDE, SIDE, { fit: "inside", withoutEnlargement: true })
    .flatten({ background: "#ffffff" })
    .jpeg({ quality: 80 })
    .timeout({ seconds: SECONDS })
    .toBuffer({ resolveWithObject: true });
  const small = await sharp(data)
    .resize(32, 32, { fit: "inside" })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixels = new Uint8ClampedArray(small.data);
  return {
    thumbnail: { bytes: data, width: info.width, height: info.height },
    blurhash: encode(pixels, small.info.width, small.info.height, 4, 3),
  };
}

/** The preview of a JPEG in memory that ffmpeg has made. */
export const previewOf = (jpeg: Uint8Array): Promise<Pick<Inspected, "thumbnail" | "blurhash">> =>
  preview(sharp(jpeg, { limitInputPixels: WHOLE, failOn: "error" }));
