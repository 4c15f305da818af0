import { Worker } from "node:worker_threads";
import { z } from "zod";
import { movieFacts } from "./containers/movie.ts";
import type { RecordingFacts } from "./containers/recording.ts";

const DEADLINE = 5_000;
const MEMORY_MB = 96;
/** A week; a longer length is taken for damage. */
const LONGEST_SECONDS = 7 * 86_400;

const MOVIES: ReadonlySet<string> = new Set(["video/mp4", "video/quicktime", "video/3gpp", "audio/mp4"]);

const side = z.number().int().positive().max(65_535);
const factsSchema = z.object({
  seconds: z.number().positive().max(LONGEST_SECONDS).optional().catch(undefined),
  picture: z.object({ width: side, height: side }).optional().catch(undefined),
  sounds: z.boolean().optional().catch(undefined),
});

/** Reads length and size from a recording's or video's headers, without ffmpeg. Empty where they are missing or damaged. */
export async function recordingFacts(
  path: string,
  mimetype: string,
  stop: AbortSignal,
): Promise<RecordingFacts> {
  const read = MOVIES.has(mimetype) ? await movieFacts(path) : await inThread(path, stop);
  const { seconds, picture, sounds } = factsSchema.parse(read ?? {});
  return {
    ...(seconds === undefined ? {} : { seconds }),
    ...(picture === undefined ? {} : { picture }),
    ...(sounds === undefined ? {} : { sounds }),
  };
}

/** Reads a file by a library in a worker thread, which is ended after `DEADLINE`, whatever the file does to it. */
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
