import { faultOf, type Log } from "../core/log.ts";
import { type Inspected, type MediaFile, type MediaKind, type MediaTools, PICTURES } from "../core/media.ts";
import { Ffmpeg } from "./ffmpeg.ts";
import { OPAQUE, sniff } from "./sniff.ts";
import { Spool } from "./spool.ts";
import { turns } from "./turns.ts";
import { voiceNote } from "./voice-note.ts";

export interface MediaSettings {
  /** For files on their way. Belongs to this process alone: emptied now, deleted at the end. */
  readonly folder: string;
  /** Where ffmpeg is looked for. */
  readonly searchPath: string;
  readonly log: Log;
}

// What needs a library of its own is imported when it is first needed; many runs need none of it.
const pictures = () => import("./image.ts");
const videos = () => import("./video.ts");
const recordings = () => import("./audio.ts");
const stills = () => import("./still-picture.ts");
const loops = () => import("./loop.ts");
const codes = () => import("./qr-code.ts");

/** Looks at files and converts them, where the machine has ffmpeg videos and recordings too. */
export async function openMediaTools({
  folder,
  searchPath,
  log,
}: MediaSettings): Promise<MediaTools & AsyncDisposable> {
  const spool = await Spool.open(folder);
  const stop = new AbortController();
  const ffmpeg = Ffmpeg.find(searchPath, stop.signal);
  if (!ffmpeg) log.info("ffmpeg was not found: videos and recordings are passed on without being looked at");
  const inTurn = turns();

  async function described(file: MediaFile, kind: MediaKind): Promise<Inspected> {
    const mimetype = soundOnly(await sniff(file.path), kind);
    const [family] = mimetype.split("/");
    // What was sent as a file is opened by nobody on the way.
    if (kind === "file") return { mimetype };
    if (family === "image") {
      // HEIC is not among them: its decoder is in no build that may be given away.
      if (!PICTURES.has(mimetype)) return { mimetype };
      const { describeImage } = await pictures();
      const picture = await describeImage(file.path);
      return picture ? { mimetype, ...picture } : { mimetype: OPAQUE };
    }
    if (!ffmpeg) return { mimetype };
    if (family === "video") {
      const { describeVideo } = await videos();
      return { mimetype, ...(await describeVideo(ffmpeg, file.path, mimetype)) };
    }
    if (family !== "audio") return { mimetype };
    const { describeAudio, describeVoice } = await recordings();
    const describe = kind === "voice" ? describeVoice : describeAudio;
    return { mimetype, ...(await describe(ffmpeg, file.path, mimetype)) };
  }

  return {
    inspect: (file, kind) =>
      inTurn(() =>
        described(file, kind).catch((error: unknown) => {
          log.warn("a file could not be looked at", faultOf(error));
          return { mimetype: OPAQUE };
        }),
      ),
    toVoiceNote: (file) =>
      inTurn(async () => {
        if (!ffmpeg) return undefined;
        return voiceNote(ffmpeg, spool, file.path, soundOnly(await sniff(file.path), "voice"));
      }),
    toPicture: (file) =>
      inTurn(async () => {
        if (!PICTURES.has(await sniff(file.path))) return undefined;
        return (await stills()).stillPicture(spool, file.path);
      }),
    toLoop: (file) =>
      inTurn(async () => {
        if (!ffmpeg) return undefined;
        const [{ loop }, mimetype] = [await loops(), await sniff(file.path)];
        return loop(ffmpeg, spool, file.path, mimetype);
      }),
    spool: (bytes, limit) => spool.take(bytes, limit),
    qrCode: async (data) => (await codes()).qrCode(data),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await inTurn(async () => {});
      await spool[Symbol.asyncDispose]();
    },
  };
}

/** Containers of both are told apart by what they were sent as. */
function soundOnly(mimetype: string, kind: MediaKind): string {
  const sounds = kind === "voice" || kind === "audio";
  return sounds ? mimetype.replace(/^video\/(?=mp4$|webm$|ogg$)/, "audio/") : mimetype;
}
