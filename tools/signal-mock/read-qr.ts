import { createRequire } from "node:module";
import { create } from "qrcode";
import sharp from "sharp";

const require = createRequire(import.meta.url);
const { getBlocksCount, getTotalCodewordsCount } = require("qrcode/lib/core/error-correction-code.js") as {
  getBlocksCount: (version: number, level: Level) => number;
  getTotalCodewordsCount: (version: number, level: Level) => number;
};
const { getSymbolTotalCodewords } = require("qrcode/lib/core/utils.js") as {
  getSymbolTotalCodewords: (version: number) => number;
};
const { L } = require("qrcode/lib/core/error-correction-level.js") as { L: Level };

interface Level {
  readonly bit: number;
}

/** What the format's bits are XORed with (ISO/IEC 18004, 7.9). */
const FORMAT_MASK = 0b101_0100_0001_0010;
/** Level L, in the format's two highest bits. */
const LEVEL_L = 0b01;

/** By the format's mask number: whether a module in this row and column is inverted (ISO/IEC 18004, 7.8.2). */
const masks: readonly ((row: number, column: number) => boolean)[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row * column) % 3) + ((row + column) % 2)) % 2 === 0,
];

type IsDark = (row: number, column: number) => boolean;

/** The text of a drawn QR code of level L in byte mode, upright and without damage, as a phone's camera reads it. */
export async function readQr(png: Uint8Array): Promise<string> {
  const { size, isDark } = await modulesOf(png);
  const version = (size - 17) / 4;
  const format = formatOf(isDark) ^ FORMAT_MASK;
  if (format >> 13 !== LEVEL_L) throw new Error("a QR code of another level than L");
  const inverts = masks[(format >> 10) & 7] as IsDark;
  const reserved = create("-", { version, errorCorrectionLevel: "L" }).modules.reservedBit;
  const bits: number[] = [];
  for (const [row, column] of zigzag(size))
    if (!reserved[row * size + column]) bits.push(Number(isDark(row, column) !== inverts(row, column)));
  const codewords = Array.from({ length: Math.floor(bits.length / 8) }, (_, index) =>
    bitsAt(bits, index * 8, 8),
  );
  const data = dataOf(codewords, version).flatMap((byte) =>
    Array.from(byte.toString(2).padStart(8, "0"), Number),
  );
  if (bitsAt(data, 0, 4) !== 0b0100) throw new Error("a QR code of another mode than bytes");
  const lengthBits = version < 10 ? 8 : 16;
  const length = bitsAt(data, 4, lengthBits);
  const bytes = Array.from({ length }, (_, index) => bitsAt(data, 4 + lengthBits + index * 8, 8));
  return Buffer.from(bytes).toString("utf8");
}

/** Finds the code in the picture: its margin by the first dark pixel, its modules by the seven of the corner's frame. */
async function modulesOf(png: Uint8Array): Promise<{ readonly size: number; readonly isDark: IsDark }> {
  const { data, info } = await sharp(png).greyscale().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): number => data[(y * info.width + x) * info.channels] ?? 255;
  const margin =
    Array.from({ length: info.width }, (_, index) => index).find((index) => at(index, index) < 128) ?? 0;
  let frame = 0;
  while (at(margin + frame, margin) < 128) frame += 1;
  const module = frame / 7;
  return {
    size: Math.round((info.width - 2 * margin) / module),
    isDark: (row, column) => at(margin + (column + 0.5) * module, margin + (row + 0.5) * module) < 128,
  };
}

/** The 15 bits beside the upper left corner, the highest first. */
function formatOf(isDark: IsDark): number {
  const along = [0, 1, 2, 3, 4, 5, 7, 8];
  const places = [
    ...along.map((column) => [8, column] as const),
    ...along
      .slice(0, -1)
      .toReversed()
      .map((row) => [row, 8] as const),
  ];
  return bitsAt(
    places.map(([row, column]) => Number(isDark(row, column))),
    0,
    15,
  );
}

/** Rows and columns in the order of the data: two columns at once, up and down, from the right. */
function* zigzag(size: number): Iterable<readonly [row: number, column: number]> {
  let up = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right -= 1;
    for (let step = 0; step < size; step++) {
      const row = up ? size - 1 - step : step;
      yield [row, right];
      yield [row, right - 1];
    }
    up = !up;
  }
}

/** The data without its error correction; the blocks take turns, and the last ones may be a byte longer. */
function dataOf(codewords: readonly number[], version: number): readonly number[] {
  const total = getSymbolTotalCodewords(version);
  const blocks = getBlocksCount(version, L);
  const count = total - getTotalCodewordsCount(version, L);
  const short = Math.floor(count / blocks);
  const longer = count % blocks;
  return Array.from({ length: blocks }, (_, block) => block).flatMap((block) => {
    const tail = block - (blocks - longer);
    return [
      ...Array.from({ length: short }, (_, index) => codewords[index * blocks + block] ?? 0),
      ...(tail >= 0 ? [codewords[short * blocks + tail] ?? 0] : []),
    ];
  });
}

function bitsAt(bits: readonly number[], from: number, count: number): number {
  return bits.slice(from, from + count).reduce((value, bit) => value * 2 + bit, 0);
}
