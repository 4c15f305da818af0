const MOST_BYTES = 10_000;
const STEPS = [
  { side: 200, quality: 60 },
  { side: 120, quality: 50 },
  { side: 72, quality: 40 },
] as const;

/** A JPEG of at most 10 kB for a message itself; undefined where none can be made. */
export async function smallPreview(jpeg: Uint8Array | undefined): Promise<Uint8Array | undefined> {
  if (!jpeg || jpeg.length <= MOST_BYTES) return jpeg;
  try {
    // Imported only here, because most runs do not need it.
    const { default: sharp } = await import("sharp");
    for (const { side, quality } of STEPS) {
      const image = sharp(jpeg, { limitInputPixels: 4_000_000 });
      const small = await image.resize(side, side, { fit: "inside" }).jpeg({ quality }).toBuffer();
      if (small.length <= MOST_BYTES) return new Uint8Array(small);
    }
  } catch {
    return undefined;
  }
  return undefined;
}
