import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { temporaryFolder } from "./temporary-folder.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const whole = (buffer: Buffer): Bytes => Uint8Array.from(buffer);

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

function found(program: string): boolean {
  try {
    execFileSync(program, ["-version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Whether recordings and videos can be made, and converted, on this machine. */
export const hasFfmpeg = found("ffmpeg");

/** A picture that is not of one colour. */
export async function picture(
  format: "png" | "jpeg" | "webp" | "gif",
  width = 64,
  height = 48,
): Promise<Bytes> {
  // From pixels, not SVG: once our own code is loaded in this process, no picture is read but the kinds it allows.
  const pixels = Buffer.alloc(width * height * 3);
  const radius = Math.min(width, height) * 0.3;
  for (let at = 0; at < width * height; at++) {
    const inside = Math.hypot((at % width) - width / 2, Math.floor(at / width) - height / 2) < radius;
    pixels.set(inside ? [255, 165, 0] : [0, 128, 128], at * 3);
  }
  return whole(
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .toFormat(format)
      .toBuffer(),
  );
}

function ffmpeg(name: string, ...args: readonly string[]): Bytes {
  using folder = temporaryFolder();
  const path = join(folder.path, name);
  execFileSync("ffmpeg", ["-v", "error", "-nostdin", ...args, path]);
  return whole(readFileSync(path));
}

/** Two seconds of a tone. */
const tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2"] as const;

/** A voice note as networks have it. */
export const voiceNote = (): Bytes => ffmpeg("voice.ogg", ...tone, "-ac", "1", "-c:a", "libopus");
/** A recording as browsers make it. */
export const webmRecording = (): Bytes => ffmpeg("voice.webm", ...tone, "-ac", "1", "-c:a", "libopus");
/** Two seconds of moving picture. */
export function movie(): Bytes {
  const source = ["-f", "lavfi", "-i", "testsrc=duration=2:size=160x120:rate=10"];
  return ffmpeg("movie.mp4", ...source, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart");
}

/** One second of silence, which needs no program to make. */
export function wav(): Bytes {
  const rate = 8000;
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + rate, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write("data", 36);
  header.writeUInt32LE(rate, 40);
  return whole(Buffer.concat([header, Buffer.alloc(rate, 128)]));
}

/** Bytes that are nothing in particular. */
export const blob = (size: number): Bytes => {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 1) bytes[at] = (at * 31 + 7) & 255;
  return bytes;
};
