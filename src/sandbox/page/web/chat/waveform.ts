/** How loud a recording is over its length, as a phone sends it: 64 numbers from 0 to 100. */
const bars = 64;

export interface Sound {
  readonly seconds: number;
  readonly waveform?: readonly number[];
}

function loudness(samples: Float32Array): readonly number[] {
  const size = Math.max(1, Math.floor(samples.length / bars));
  const peaks = Array.from({ length: bars }, (_, i) => {
    let peak = 0;
    for (let at = i * size; at < Math.min(samples.length, (i + 1) * size); at += 1)
      peak = Math.max(peak, Math.abs(samples[at] ?? 0));
    return peak;
  });
  const most = Math.max(...peaks, 0.01);
  return peaks.map((peak) => Math.round((peak / most) * 100));
}

/** Length and loudness of a recording; the length that the caller knows where the browser cannot decode it. */
export async function soundOf(file: Blob, known = 0): Promise<Sound> {
  const context = new AudioContext();
  try {
    const decoded = await context.decodeAudioData(await file.arrayBuffer());
    return { seconds: Math.round(decoded.duration), waveform: loudness(decoded.getChannelData(0)) };
  } catch {
    return { seconds: Math.round(known) };
  } finally {
    await context.close();
  }
}
