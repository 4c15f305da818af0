/** Clients draw between 30 and 120 samples (MSC3246). */
const FEWEST = 30;
const MOST = 120;
const LOUDEST = 1024;

/** An untrusted MSC3246 waveform, 0 to 1024, as loudness 0 to 100; undefined where it is none. */
export function toPercent(waveform: unknown): readonly number[] | undefined {
  if (!Array.isArray(waveform) || waveform.length === 0 || waveform.length > 100_000) return undefined;
  const samples = (waveform as readonly unknown[]).map((sample) =>
    typeof sample === "number" && Number.isFinite(sample) ? clamp((sample / LOUDEST) * 100, 100) : 0,
  );
  return samples.length > MOST ? resampled(samples, MOST) : samples;
}

/** Loudness 0 to 100 as an MSC3246 waveform, 0 to 1024, of as many samples as clients draw. */
export function fromPercent(waveform: readonly number[]): readonly number[] {
  const samples = waveform.map((sample) => clamp((sample / 100) * LOUDEST, LOUDEST));
  return resampled(samples, Math.min(MOST, Math.max(FEWEST, samples.length)));
}

const clamp = (value: number, most: number): number =>
  Math.round(Math.min(most, Math.max(0, Number.isFinite(value) ? value : 0)));

/** `count` samples, each the loudest of its part of the waveform; a short waveform repeats samples. */
function resampled(samples: readonly number[], count: number): readonly number[] {
  if (samples.length === count || samples.length === 0) return samples;
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * samples.length) / count);
    const to = Math.max(from + 1, Math.floor(((index + 1) * samples.length) / count));
    return Math.max(...samples.slice(from, to));
  });
}
