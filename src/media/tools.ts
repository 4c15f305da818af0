import { createHash } from "node:crypto";
import { type MediaTools, PICTURES } from "../core/model/media.ts";
import { faultOf, type Log } from "../core/ports/log.ts";
import { SerialByKey } from "../core/runtime/serial-by-key.ts";
import { Ffmpeg } from "./ffmpeg.ts";
import { inspect, type RunSerially, soundOnly } from "./inspect.ts";
import { OPAQUE, sniff } from "./sniff.ts";
import { Spool } from "./spool.ts";

export interface MediaSettings {
  /** The folder of files in transfer, of this process alone: emptied at the start, deleted at the end. */
  readonly folder: string;
  /** The folders in which to look for ffmpeg, as in `PATH`. */
  readonly searchPath: string;
  readonly log: Log;
  /** Pictures and videos keep the metadata of cameras and programs. */
  readonly keepMetadata?: boolean;
}

/**
 * Tools that inspect and convert files: pictures, and with ffmpeg videos and recordings too. Modules with a library of
 * their own are imported at their first use.
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
  const serial = new SerialByKey();
  const pictures: RunSerially = (work) => serial.run("pictures", work);
  const recordings: RunSerially = (work) => serial.run("recordings", work);
  return {
    inspect: (file, kind) =>
      inspect({ ffmpeg, pictures, recordings, stop: stop.signal }, file, kind).catch((error: unknown) => {
        log.warn("a file could not be looked at", faultOf(error));
        return { mimetype: OPAQUE };
      }),
    async toVoiceNote({ path }, form = "opus") {
      if (!ffmpeg) return undefined;
      const mimetype = soundOnly(await sniff(path), "voice");
      const { voiceNote } = await import("./voice-note.ts");
      return recordings(() => voiceNote(ffmpeg, spool, path, mimetype, form));
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
      return recordings(() => loop(ffmpeg, spool, path, mimetype));
    },
    async toVideo({ path }) {
      if (!ffmpeg) return undefined;
      const mimetype = await sniff(path);
      const { asMp4 } = await import("./mp4.ts");
      return recordings(() => asMp4(ffmpeg, spool, path, mimetype));
    },
    async withoutMetadata(file) {
      if (keepMetadata) return "clean";
      const mimetype = await sniff(file.path);
      const { withoutMetadata } = await import("./without-metadata.ts");
      return withoutMetadata(spool, file, mimetype);
    },
    spool: (bytes, limit) => spool.take(bytes, limit),
    async digest(file) {
      const hash = createHash("sha256");
      for await (const chunk of file.read()) hash.update(chunk);
      return hash.digest("hex");
    },
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
      await Promise.all([pictures, recordings].map((inTurn) => inTurn(async () => {})));
      await spool[Symbol.asyncDispose]();
    },
  };
}
