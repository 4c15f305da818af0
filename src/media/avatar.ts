import { fileURLToPath } from "node:url";
import sharp, { type OverlayOptions } from "sharp";
import type { AvatarLook } from "../core/model/media.ts";

/** Pixels a side; clients show a circle of it. */
const SIDE = 256;
/** The box, in pixels, that the letters are fitted into. */
const LETTERS = { width: 132, height: 96 };

/** Whether a point is inside the shape; the picture's corners are 0,0 and 256,256. */
type Shape = (x: number, y: number) => boolean;

// Drawn point by point, as describe-image.ts blocks sharp's SVG decoder for the whole process.
const SHAPES: Readonly<Record<AvatarLook["shape"], Shape>> = {
  person: (x, y) => isNear(x - 128, y - 104, 42) || (y <= 216 && isNear((x - 128) / 80, (y - 216) / 70, 1)),
  chats: (x, y) =>
    isNear(x - clamped(x, 84, 172), y - clamped(y, 92, 132), 32) ||
    (x >= 100 && y >= 164 && (x - 100) / 36 + (y - 164) / 32 <= 1),
};

const isNear = (across: number, down: number, radius: number): boolean =>
  across ** 2 + down ** 2 <= radius ** 2;

const clamped = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, value));

/** White letters or a shape on the colour, as a square PNG. The font is a dependency of the bridge. */
export async function avatar({ colour, initials, shape }: AvatarLook): Promise<Uint8Array> {
  const front = initials === undefined ? drawing(SHAPES[shape]) : { input: await letters(initials) };
  const ground = { width: SIDE, height: SIDE, channels: 3 as const, background: colour };
  return sharp({ create: ground })
    .composite([{ ...front, gravity: "centre" }])
    .png({ palette: true, compressionLevel: 9 })
    .toBuffer();
}

/** Points that are tested in each direction of a pixel, for smooth edges. */
const POINTS = 2;

function drawing(shape: Shape): OverlayOptions {
  const pixels = Buffer.alloc(SIDE * SIDE * 4, 0xff);
  for (let pixel = 0; pixel < SIDE * SIDE; pixel += 1) {
    let inside = 0;
    for (let point = 0; point < POINTS ** 2; point += 1) {
      const x = (pixel % SIDE) + ((point % POINTS) + 0.5) / POINTS;
      const y = Math.floor(pixel / SIDE) + (Math.floor(point / POINTS) + 0.5) / POINTS;
      if (shape(x, y)) inside += 1;
    }
    pixels[pixel * 4 + 3] = Math.round((inside / POINTS ** 2) * 255);
  }
  return { input: pixels, raw: { width: SIDE, height: SIDE, channels: 4 } };
}

function letters(initials: string): Promise<Buffer> {
  const fontfile = fileURLToPath(import.meta.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"));
  const text = `<span foreground="white">${initials}</span>`;
  return sharp({ text: { text, fontfile, font: "DejaVu Sans Bold", rgba: true, ...LETTERS } })
    .png()
    .toBuffer();
}
