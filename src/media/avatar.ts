import { fileURLToPath } from "node:url";
import sharp from "sharp";
import type { AvatarLook } from "../core/media.ts";

/** Pixels a side. Clients cut a circle out of it. */
const SIDE = 256;
/** What the letters are fitted into. */
const LETTERS = { width: 132, height: 96 };

const SHAPES: Readonly<Record<AvatarLook["shape"], string>> = {
  person: '<circle cx="128" cy="104" r="42"/><path d="M48 216c0-44 36-70 80-70s80 26 80 70z"/>',
  chats:
    '<path d="M84 60h88a32 32 0 0 1 32 32v40a32 32 0 0 1-32 32h-36l-36 32v-32h-16a32 32 0 0 1-32-32V92a32 32 0 0 1 32-32z"/>',
};

/** Letters in white on the colour, or a shape, as a square PNG. The letters' font comes with the bridge. */
export async function avatar({ colour, initials, shape }: AvatarLook): Promise<Uint8Array> {
  const front = initials === undefined ? drawing(SHAPES[shape]) : await letters(initials);
  const ground = { width: SIDE, height: SIDE, channels: 3 as const, background: colour };
  return sharp({ create: ground })
    .composite([{ input: front, gravity: "centre" }])
    .png({ palette: true, compressionLevel: 9 })
    .toBuffer();
}

const drawing = (shape: string): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}" fill="#ffffff">${shape}</svg>`,
  );

function letters(initials: string): Promise<Buffer> {
  const fontfile = fileURLToPath(import.meta.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"));
  const text = `<span foreground="white">${initials}</span>`;
  return sharp({ text: { text, fontfile, font: "DejaVu Sans Bold", rgba: true, ...LETTERS } })
    .png()
    .toBuffer();
}
