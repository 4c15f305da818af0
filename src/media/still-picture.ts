import { rm, stat } from "node:fs/promises";
import sharp from "sharp";
import type { StillPicture } from "../core/model/media.ts";
import { apngFrames } from "./containers/png-chunks.ts";
import { openable } from "./describe-image.ts";
import { type Spool, SpooledFile } from "./spool.ts";

const SECONDS = 20;
/** Pixels a side; enough for any screen. */
const SIDE = 4096;

/** An image as JPEG, or as PNG where it is transparent; undefined for what cannot be read. */
export async function stillPicture(spool: Spool, path: string): Promise<StillPicture | undefined> {
  const image = await openable(path);
  // A TIFF of several pages is a document, of which a picture would show one page.
  if (!image || (image.header.format === "tiff" && (image.header.pages ?? 1) > 1)) return undefined;
  const made = await spool.reserve();
  const { hasAlpha, pages = 1 } = image.header;
  const opened = sharp(path, image.options);
  const transparent = hasAlpha && !(await opened.stats().catch(() => ({ isOpaque: true }))).isOpaque;
  const sized = opened
    .clone()
    .autoOrient()
    .resize(SIDE, SIDE, { fit: "inside", withoutEnlargement: true })
    .timeout({ seconds: SECONDS });
  const written = await (transparent ? sized.png() : sized.jpeg({ quality: 90 })).toFile(made).then(
    () => true,
    () => false,
  );
  if (written) {
    const moved = pages > 1 || ((await apngFrames(path)) ?? 1) > 1;
    return { file: new SpooledFile(made, (await stat(made)).size), moved };
  }
  await rm(made, { force: true });
  return undefined;
}
