import { Worker } from "node:worker_threads";
import { z } from "zod";
import { movieFacts } from "./containers/movie.ts";
import type { RecordingFacts } from "./containers/recording.ts";

const DEADLINE = 5_000;
const MEMORY_MB = 96;
/** A week; what claims more is not believed. */
const LONGEST_SECONDS = 7 * 86_400;

const MOVIES: ReadonlySet<string> = new Set(["video/mp4", "video/quicktime", "video/3gpp", "audio/mp4"]);

const side = z.number().int().positive().max(65_535);
const believable = z.object({
  seconds: z.number().positive().max(LONGEST_SECONDS).optional().catch(undefined),
  picture: z.object({ width: side, height: side }).optional().catch(undefined),
  sounds: z.boolean().optional().catch(undefined),
});

/** Reads a recording's or video's length and size without any program. Empty where it does not say, or is damaged. */
export async function recordingFacts(
  path: string,
  mimetype: string,
  stop: AbortSignal,
): Promise<RecordingFacts> {
  const read = MOVIES.has(mimetype) ? await movieFacts(path) : await inThread(path, stop);
  const { seconds, picture, sounds } = believable.parse(read ?? {});
  return {
    ...(seconds === undefined ? {} : { seconds }),
    ...(picture === undefined ? {} : { picture }),
    ...(sounds === undefined ? {} : { sounds }),
  };
}

/** The library reads in a thread of its own: whatever a file makes of it ends after some seconds and holds nobody up. */
async function inThread(path: string, stop: AbortSignal): Promise<unknown> {
  if (stop.aborted) return undefined;
  const worker = new Worker(new URL("recording-reader.ts", import.meta.url), {
    workerData: path,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    execArgv: [],
  });
  return new Promise((resolve) => {
    const end = (answer?: unknown): void => {
      clearTimeout(timer);
      stop.removeEventListener("abort", abort);
      resolve(answer);
      void worker.terminate();
    };
    const abort = (): void => end();
    const timer = setTimeout(end, DEADLINE);
    stop.addEventListener("abort", abort, { once: true });
    worker.once("message", end);
    worker.once("error", () => end());
    worker.once("exit", () => end());
  });
}
