import type { Capabilities } from "./capabilities.ts";
import { BridgeError } from "./errors.ts";
import { kindWords, refusalOfMedia, takesType } from "./limits.ts";
import type { Inspected, MediaFile, MediaKind, MediaTools } from "./media.ts";

/** A file in a form that a network takes. Disposing deletes what was made; the source stays its owner's. */
export interface FittedFile extends AsyncDisposable {
  readonly file: MediaFile;
  readonly kind: MediaKind;
  readonly found: Inspected;
  /** What the sender is told about the change, a sentence. */
  readonly note: string | undefined;
}

export interface Fitting {
  readonly tools: MediaTools;
  readonly granted: Capabilities;
  /** The network's name. */
  readonly network: string;
  /** The formats of its voice notes, as people write them: `Opus`. */
  readonly voiceFormats: string;
  /**
   * The recording in the network's form of a voice note: itself where it is one, undefined where it cannot be converted.
   */
  voiceNote(recording: MediaFile): Promise<MediaFile | undefined>;
}

interface ConvertedFile {
  readonly file: MediaFile;
  readonly kind: MediaKind;
  readonly note?: string;
  /** What inspection found, where it was inspected already. */
  readonly found?: Inspected;
}

const singular: Readonly<Record<MediaKind, string>> = {
  image: "picture",
  voice: "recording",
  audio: "recording",
  video: "video",
  gif: "GIF",
  file: "file",
};

/**
 * Fits a file to a network: its bytes say what it is, and its sender's kind is a wish. A kind that the network does not
 * take is converted where possible, else sent as a file. Throws BridgeError where it cannot cross at all.
 */
export async function fittedFile(source: MediaFile, wish: MediaKind, fitting: Fitting): Promise<FittedFile> {
  const { tools, granted, network } = fitting;
  if (source.size === 0 && wish !== "file") {
    const words = `The ${singular[wish]} is empty: its file has 0 bytes. Send it again.`;
    throw new BridgeError("bad-input", { words, certain: true });
  }
  await using held = new AsyncDisposableStack();
  const shaped = await madeOf(source, wish, fitting);
  if (shaped.file !== source) held.use(shaped.file);
  const made = wish === "file" ? shaped : await withoutNotes(shaped, fitting);
  if (made.file !== shaped.file) held.use(made.file);
  const words = refusalOfMedia(made.kind, made.file.size, granted, network);
  if (words !== undefined) {
    throw new BridgeError(granted.media[made.kind] ? "too-large" : "unsupported", { words, certain: true });
  }
  const found = made.found ?? (await tools.inspect(made.file, made.kind));
  const kept = held.move();
  const { file, kind, note } = made;
  return { file, kind, found, note, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function madeOf(source: MediaFile, wish: MediaKind, fitting: Fitting): Promise<ConvertedFile> {
  if (wish === "file") return { file: source, kind: "file" };
  const { tools, granted } = fitting;
  // Judged by its first bytes, and whether it can be read as that type.
  const { mimetype } = await tools.inspect(source, "file");
  const kind = await kindIn(mimetype, wish, source, tools);
  const found = kind === "image" ? await tools.inspect(source, kind) : undefined;
  const readable = found === undefined || found.mimetype === mimetype;
  if (found && readable) {
    if (takesType(kind, mimetype, granted)) return { file: source, kind, found };
    const picture = await otherPicture(source, fitting);
    if (picture) return picture;
  } else if (kind === "voice") {
    return voiceOf(source, mimetype, fitting);
  } else if (kind === "audio" || kind === "video" || kind === "gif") {
    if (takesType(kind, mimetype, granted)) return { file: source, kind };
    const video = takesType(kind, "video/mp4", granted) ? await tools.toVideo(source) : undefined;
    if (video) return { file: video, kind };
    if (kind === "gif" && !granted.media.gif && takesType("video", mimetype, granted)) {
      const note = `${fitting.network} takes no GIFs here, so it was sent as a video.`;
      return { file: source, kind: "video", note };
    }
  }
  return asFile(source, kind, readable ? mimetype : undefined, fitting);
}

/**
 * Removes the metadata of a camera; where it cannot be told whether there is any, the picture is drawn anew, or the
 * sender is told.
 */
async function withoutNotes(made: ConvertedFile, { tools }: Fitting): Promise<ConvertedFile> {
  const { mimetype } = await tools.inspect(made.file, "file");
  if (!/^(?:image|video)\/|^audio\/mp4$/.test(mimetype)) return made;
  const bare = await tools.withoutMetadata(made.file);
  if (bare === "clean") return made;
  if (bare) return { ...made, file: bare };
  const anew = made.kind === "image" ? await tools.toPicture(made.file) : undefined;
  if (anew && !anew.moved) return { file: anew.file, kind: made.kind };
  await anew?.file[Symbol.asyncDispose]();
  const words = "What its camera noted in it, such as the place, could not be taken out.";
  return { ...made, note: made.note === undefined ? words : `${made.note} ${words}` };
}

/** The kind by the bytes' type; where two are possible, the sender's. */
async function kindIn(
  mimetype: string,
  wish: MediaKind,
  source: MediaFile,
  tools: MediaTools,
): Promise<MediaKind> {
  const [family = ""] = mimetype.split("/");
  switch (family) {
    case "image":
      return "image";
    case "video":
      if (wish === "video" || wish === "gif") return wish;
      // Phones record voice in video containers; only one that shows something is a video.
      return wish === "image" || (await tools.inspect(source, "video")).width !== undefined ? "video" : wish;
    case "audio":
      return wish === "voice" ? "voice" : "audio";
    default:
      return "file";
  }
}

/** Converts to a picture of another type; one that moves to a video where possible. */
async function otherPicture(
  source: MediaFile,
  { tools, granted, network }: Fitting,
): Promise<ConvertedFile | undefined> {
  const moving = granted.media.gif ? "gif" : granted.media.video ? "video" : undefined;
  const loop = moving && (await tools.toLoop(source));
  if (moving && loop) return { file: loop, kind: moving };
  const still = granted.media.image && (await tools.toPicture(source));
  if (!still) return undefined;
  const motionless = `${network} takes no moving pictures of this type, so its first frame was sent.`;
  return { file: still.file, kind: "image", ...(still.moved ? { note: motionless } : {}) };
}

async function voiceOf(source: MediaFile, mimetype: string, fitting: Fitting): Promise<ConvertedFile> {
  const { granted, network, voiceFormats } = fitting;
  const voice = granted.media.voice && (await fitting.voiceNote(source));
  if (voice) return { file: voice, kind: "voice" };
  if (!granted.media.voice) return asFile(source, "voice", mimetype, fitting);
  const note = `${network} takes voice notes in ${voiceFormats} only, and this bridge could not convert your recording (that takes ffmpeg). It was sent as an audio file.`;
  return { file: source, kind: takesType("audio", mimetype, granted) ? "audio" : "file", note };
}

/** `mimetype` is undefined for an unreadable file. */
function asFile(
  file: MediaFile,
  kind: MediaKind,
  mimetype: string | undefined,
  fitting: Fitting,
): ConvertedFile {
  const { granted, network } = fitting;
  const what = granted.media[kind] ? `${kindWords[kind]} of type ${mimetype}` : kindWords[kind];
  const unread = kind === "file" || mimetype === undefined;
  const why = unread
    ? "It is no picture, video or recording that can be shown"
    : `${network} takes no ${what} here`;
  return { file, kind: "file", note: `${why}, so it was sent as a file.` };
}
