import type { Inspected } from "../core/model/media.ts";
import { probe } from "./describe-video.ts";
import { Ffmpeg } from "./ffmpeg.ts";

const RATE = 8000;
/** Samples in a step, a twentieth of a second, of which the loudest counts. */
const STEP = RATE / 20;
const VALUES = 64;
/** A longer recording gets no waveform. */
const MINUTES = 60;

/** A recording's length and waveform, by decoding it; empty where it cannot be read. */
export async function describeVoice(
  ffmpeg: Ffmpeg,
  path: string,
  mimetype: string,
): Promise<Pick<Inspected, "seconds" | "waveform">> {
  const input = Ffmpeg.input(path, mimetype);
  if (!input) return {};
  const meter = new LoudnessMeter();
  const pcm = ["-map", "0:a:0", "-ac", "1", "-ar", `${RATE}`, "-f", "s16le", "pipe:1"];
  const most = MINUTES * 60 * RATE * 2;
  const whole = await ffmpeg.run("ffmpeg", [...input, ...pcm], most, (bytes) => meter.add(bytes));
  if (!whole || meter.samples === 0) return describeAudio(ffmpeg, path, mimetype);
  return { seconds: meter.samples / RATE, waveform: meter.values(VALUES) };
}

/** A recording's length by its headers; empty where they do not state it. */
export async function describeAudio(
  ffmpeg: Ffmpeg,
  path: string,
  mimetype: string,
): Promise<Pick<Inspected, "seconds">> {
  const found = await probe(ffmpeg, path, mimetype);
  return found?.sounds === true && found.seconds !== undefined ? { seconds: found.seconds } : {};
}

/** The loudest sample of each step of a stream of 16-bit samples, low byte first. */
class LoudnessMeter {
  samples = 0;
  readonly #peaks: number[] = [];
  #peak = 0;
  #low: number | undefined;

  add(bytes: Uint8Array): void {
    let at = 0;
    if (this.#low !== undefined && bytes.length > 0) {
      this.#addSample(this.#low, bytes[0] ?? 0);
      at = 1;
    }
    for (; at + 1 < bytes.length; at += 2) this.#addSample(bytes[at] ?? 0, bytes[at + 1] ?? 0);
    this.#low = at < bytes.length ? bytes[at] : undefined;
  }

  #addSample(low: number, high: number): void {
    const sample = Math.abs(((high << 24) >> 16) | low);
    if (sample > this.#peak) this.#peak = sample;
    this.samples += 1;
    if (this.samples % STEP === 0) this.#endStep();
  }

  #endStep(): void {
    this.#peaks.push(this.#peak);
    this.#peak = 0;
  }

  /** The waveform: `count` values from 0 to 100, where 100 is the loudest of this recording. */
  values(count: number): readonly number[] {
    if (this.samples % STEP !== 0) this.#endStep();
    const peaks = this.#peaks;
    const per = peaks.length / count;
    const loudest = peaks.reduce((most, peak) => Math.max(most, peak), 1);
    return Array.from({ length: count }, (_, index) => {
      const from = Math.floor(index * per);
      const span = peaks.slice(from, Math.max(from + 1, Math.floor((index + 1) * per)));
      const peak = span.reduce((most, each) => Math.max(most, each), 0);
      return Math.round((100 * peak) / loudest);
    });
  }
}
