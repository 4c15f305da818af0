import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The demuxer for each MIME type, which sniff.ts has found; ffmpeg does not guess the type itself. */
const demuxers: Readonly<Record<string, string>> = {
  "video/mp4": "mov",
  "video/quicktime": "mov",
  "video/3gpp": "mov",
  "audio/mp4": "mov",
  "video/webm": "matroska",
  "audio/webm": "matroska",
  "video/x-matroska": "matroska",
  "video/ogg": "ogg",
  "audio/ogg": "ogg",
  "audio/mpeg": "mp3",
  "audio/aac": "aac",
  "audio/wav": "wav",
  "audio/flac": "flac",
  "audio/amr": "amr",
  "image/gif": "gif",
  "image/apng": "apng",
};

const decoders = [
  "h264,hevc,av1,libdav1d,vp8,vp9,mpeg4,h263,theora,gif,apng",
  "opus,libopus,vorbis,aac,aac_latm,mp3,mp3float,flac,alac,amrnb,amrwb,libopencore_amrnb,libopencore_amrwb",
  "pcm_s16le,pcm_s24le,pcm_s32le,pcm_u8,pcm_f32le,pcm_mulaw,pcm_alaw,pcm_s16be",
].join(",");

const WALL_MS = 30_000;
const CPU_SECONDS = 20;
const MEMORY_KB = 1_500_000;
const ALLOCATION = 200_000_000;

/** A shell command that sets limits and replaces the shell by the tool. */
const limited = `ulimit -v ${MEMORY_KB} 2>/dev/null; ulimit -t ${CPU_SECONDS} 2>/dev/null; ulimit -c 0; exec "$@"`;

type Tool = "ffmpeg" | "ffprobe";

/** ffmpeg and ffprobe as child processes: one thread, files only, limited in time, memory and formats. */
export class Ffmpeg {
  readonly #programs: Readonly<Record<Tool, string>>;
  readonly #stop: AbortSignal;

  private constructor(programs: Readonly<Record<Tool, string>>, stop: AbortSignal) {
    this.#programs = programs;
    this.#stop = stop;
  }

  /** Finds both programs; undefined where one is missing. When `stop` aborts, running tools end. */
  static find(searchPath: string, stop: AbortSignal): Ffmpeg | undefined {
    const [ffmpeg, ffprobe] = [program("ffmpeg", searchPath), program("ffprobe", searchPath)];
    return ffmpeg === undefined || ffprobe === undefined ? undefined : new Ffmpeg({ ffmpeg, ffprobe }, stop);
  }

  /** The arguments that open a file; undefined for a type without a demuxer. */
  static input(path: string, mimetype: string): readonly string[] | undefined {
    const demuxer = demuxers[mimetype];
    if (demuxer === undefined) return undefined;
    const limits = ["-protocol_whitelist", "file", "-max_alloc", `${ALLOCATION}`, "-threads", "1"];
    return [...limits, "-codec_whitelist", decoders, "-f", demuxer, "-i", `file:${path}`];
  }

  /** Runs a tool and hands its output to `take`. Answers whether it succeeded with at most `most` bytes of output. */
  run(
    tool: Tool,
    args: readonly string[],
    most: number,
    take: (bytes: Uint8Array) => void,
  ): Promise<boolean> {
    const quiet = tool === "ffmpeg" ? ["-nostdin", "-hide_banner", "-v", "quiet"] : ["-v", "quiet"];
    return new Promise((done) => {
      const child = spawn("/bin/sh", ["-c", limited, "sh", this.#programs[tool], ...quiet, ...args], {
        stdio: ["ignore", "pipe", "ignore"],
        env: { LC_ALL: "C" },
        cwd: "/",
        timeout: WALL_MS,
        killSignal: "SIGKILL",
        signal: this.#stop,
      });
      let size = 0;
      child.stdout.on("data", (chunk: Uint8Array) => {
        size += chunk.length;
        if (size > most) child.kill("SIGKILL");
        else take(chunk);
      });
      child.on("error", () => done(false));
      child.on("close", (code) => done(code === 0));
    });
  }

  /** Runs a tool and answers its whole output; undefined where it failed. */
  async output(tool: Tool, args: readonly string[], most: number): Promise<Buffer | undefined> {
    const chunks: Uint8Array[] = [];
    const good = await this.run(tool, args, most, (chunk) => void chunks.push(chunk));
    return good ? Buffer.concat(chunks) : undefined;
  }
}

function program(name: Tool, searchPath: string): string | undefined {
  return searchPath
    .split(delimiter)
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, name))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
