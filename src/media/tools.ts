import { type MediaTools, PICTURES } from "../core/model/media.ts";
import { faultOf, type Log } from "../core/ports/log.ts";
import { SerialByKey } from "../core/runtime/serial-by-key.ts";
import { Ffmpeg } from "./ffmpeg.ts";
import { type InTurn, inspect, soundOnly } from "./inspect.ts";
import { OPAQUE, sniff } from "./sniff.ts";
import { Spool } from "./spool.ts";

export interface MediaSettings {
  /** For files on their way. Belongs to this process alone: emptied now, deleted at the end. */
  readonly folder: string;
  /** Where ffmpeg is looked for. */
  readonly searchPath: string;
  readonly log: Log;
  /** Pictures and videos keep what cameras and programs note in them. */
  readonly keepMetadata?: boolean;
}

/**
 * Looks at files and converts them, where the machine has ffmpeg videos and recordings too. What needs a library
 * of its own is imported when it is first needed; many runs need none of it.
 */
export async function openMediaTools({
  folder,
  searchPath,
  log,
  keepMetadata = false,
}: MediaSettings): Promise<MediaTools & AsyncDisposable> {
  const spool = await Spool.open(folder);
  const stop = new AbortController();
  const ffmpeg = Ffmpeg.find(searchPath, stop.signal);
  if (!ffmpeg)
    log.info(
      "ffmpeg was not found: videos get no preview, and recordings and videos are passed on as they are",
    );
  const turns = new SerialByKey();
  const pictures: InTurn = (work) => turns.take("pictures", work);
  const films: InTurn = (work) => turns.take("films", work);
  return {
    inspect: (file, kind) =>
      inspect({ ffmpeg, pictures, films, stop: stop.signal }, file, kind).catch((error: unknown) => {
        log.warn("a file could not be looked at", faultOf(error));
        return { mimetype: OPAQUE };
      }),
    async toVoiceNote({ path }) {
      if (!ffmpeg) return undefined;
      const mimetype = soundOnly(await sniff(path), "voice");
      const { voiceNote } = await import("./voice-note.ts");
      return films(() => voiceNote(ffmpeg, spool, path, mimetype));
    },
    async toPicture({ path }) {
      if (!PICTURES.has(await sniff(path))) return undefined;
      const { stillPicture } = await import("./still-picture.ts");
      return pictures(() => stillPicture(spool, path));
    },
    async toLoop({ path }) {
      if (!ffmpeg) return undefined;
      const mimetype = await sniff(path);
      const { loop } = await import("./loop.ts");
      return films(() => loop(ffmpeg, spool, path, mimetype));
    },
    async toVideo({ path }) {
      if (!ffmpeg) return undefined;
      const mimetype = await sniff(path);
      const { asMp4 } = await import("./mp4.ts");
      return films(() => asMp4(ffmpeg, spool, path, mimetype));
    },
    async withoutMetadata(file) {
      if (keepMetadata) return "clean";
      const mimetype = await sniff(file.path);
      const { withoutMetadata } = await import("./without-metadata.ts");
      return withoutMetadata(spool, file, mimetype);
    },
    spool: (bytes, limit) => spool.take(bytes, limit),
    async qrCode(data) {
      const { qrCode } = await import("./qr-code.ts");
      return qrCode(data);
    },
    async avatar(look) {
      const { avatar } = await import("./avatar.ts");
      return pictures(() => avatar(look));
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all([pictures, films].map((inTurn) => inTurn(async () => {})));
      await spool[Symbol.asyncDispose]();
    },
  };
}
