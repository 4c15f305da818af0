import { parentPort, workerData } from "node:worker_threads";
import { parseFile } from "music-metadata";
import { lastBlock } from "./containers/clusters.ts";
import type { RecordingFacts } from "./containers/recording.ts";

/** Run by a worker thread: reads the recording whose path is its data, and ends. */
async function read(path: string): Promise<RecordingFacts> {
  const { format } = await parseFile(path, { duration: true, skipCovers: true });
  const { container, hasAudio, trackInfo } = format;
  const duration = format.duration ?? (container?.startsWith("EBML") ? await lastBlock(path) : undefined);
  const video = trackInfo.find((track) => track.video !== undefined)?.video;
  // Display sizes in other units than pixels state only a proportion.
  const displayed = video?.displayUnit === undefined || video.displayUnit === 0 ? video : undefined;
  const width = displayed?.displayWidth ?? video?.pixelWidth;
  const height = displayed?.displayHeight ?? video?.pixelHeight;
  return {
    ...(duration === undefined ? {} : { seconds: duration }),
    ...(width === undefined || height === undefined ? {} : { picture: { width, height } }),
    ...(hasAudio === undefined ? {} : { sounds: hasAudio }),
  };
}

parentPort?.postMessage(await read(String(workerData)).catch(() => undefined), []);
