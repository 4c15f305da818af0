import { crc32, deflateSync } from "node:zlib";

/** Pixels a side; a phone shows a circle of it. */
const SIDE = 192;
const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

type Colour = readonly [number, number, number];
/** The colour at a place; the picture's corners are 0,0 and 1,1. */
type Drawing = (x: number, y: number) => Colour;

const near = (x: number, y: number, radius: number): boolean => Math.hypot(x, y) <= radius;

const hills: Drawing = (x, y) => {
  if (y > 0.78 - 0.1 * Math.sin(4 * x + 2)) return [38, 92, 66];
  if (y > 0.66 - 0.12 * Math.sin(6 * x)) return [86, 148, 96];
  return near(x - 0.68, y - 0.34, 0.13) ? [255, 214, 102] : [150, 205, 235];
};

const sea: Drawing = (x, y) => {
  if (y > 0.3 && y < 0.66 && x > 0.36 && x < 0.36 + (y - 0.3) * 0.9) return [250, 246, 236];
  if (y > 0.68 && y < 0.76 && Math.abs(x - 0.5) < 0.24 - (y - 0.68)) return [170, 62, 48];
  return y > 0.74 + 0.015 * Math.sin(30 * x) ? [24, 92, 138] : [246, 190, 140];
};

const flower: Drawing = (x, y) => {
  const [across, down] = [x - 0.5, y - 0.5];
  if (near(across, down, 0.11)) return [250, 196, 60];
  return near(across, down, 0.25 + 0.1 * Math.cos(6 * Math.atan2(down, across)))
    ? [226, 96, 140]
    : [60, 110, 90];
};

const moon: Drawing = (x, y) => {
  const isStar = [
    [0.24, 0.28],
    [0.36, 0.7],
    [0.8, 0.76],
  ].some(([across = 0, down = 0]) => near(x - across, y - down, 0.018));
  const isMoon = near(x - 0.55, y - 0.46, 0.24) && !near(x - 0.66, y - 0.4, 0.2);
  return isMoon || isStar ? [250, 240, 200] : [34, 40, 84];
};

const drawings = { hills, sea, flower, moon };
export type DrawnPicture = keyof typeof drawings;
export const drawnPictures = Object.keys(drawings) as readonly DrawnPicture[];

/** One of the pictures that come with the sandbox, as PNG. */
export function drawnPicture(name: DrawnPicture): Uint8Array {
  const draw = drawings[name];
  const rows: number[] = [];
  for (let y = 0; y < SIDE; y += 1) {
    rows.push(0);
    for (let x = 0; x < SIDE; x += 1) rows.push(...draw((x + 0.5) / SIDE, (y + 0.5) / SIDE));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  // 8 bits a channel, RGB.
  header.set([8, 2], 8);
  const data = deflateSync(Uint8Array.from(rows), { level: 9 });
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("IDAT", data),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
