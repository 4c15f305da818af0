/** The kind of a file to those who share it. A `gif` is a silent video that loops. */
export type MediaKind = "image" | "voice" | "audio" | "video" | "gif" | "file";

declare const fileKey: unique symbol;
/** What decrypts and verifies a file at the homeserver; only the homeserver's side of the bridge makes and reads it. */
export type FileKey = string & { readonly [fileKey]: true };

/** A file at the homeserver. */
export interface HomeserverFile {
  /** `mxc://` */
  readonly uri: string;
  /** Absent where the file is not encrypted. */
  readonly key?: FileKey;
}

/** Where a file is: on the homeserver, on the network (the connector's reference), or inline. */
type MediaSource =
  | ({ readonly at: "homeserver" } & HomeserverFile)
  | { readonly at: "network"; readonly ref: string }
  /** In the message itself, as base64, which JSON stores unchanged at any length. */
  | { readonly at: "inline"; readonly base64: string };

/** A file as its sender described it; nothing is trusted before the file was inspected. */
export interface Media {
  readonly kind: MediaKind;
  readonly source: MediaSource;
  readonly mimetype: string;
  readonly name?: string;
  /** Bytes. */
  readonly size?: number;
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly seconds?: number;
  /** Loudness over time, each 0 to 100. */
  readonly waveform?: readonly number[];
}

/** A complete, verified file on this machine's disk; disposing deletes it. */
export interface MediaFile extends AsyncDisposable {
  /** Bytes. */
  readonly size: number;
  read(): AsyncIterable<Uint8Array>;
  /** For tools that need a path; private to this process. */
  readonly path: string;
}

/** The ciphertext of a file. */
export interface SealedFile extends Pick<MediaFile, "size" | "read"> {
  readonly key: FileKey;
}

/** What inspection of a file found. */
export interface Inspected {
  /** By the bytes; `application/octet-stream` for what must not be shown as anything else. */
  readonly mimetype: string;
  readonly width?: number;
  readonly height?: number;
  readonly blurhash?: string;
  /** JPEG of at most 800 pixels a side, for images and videos. */
  readonly thumbnail?: { readonly bytes: Uint8Array; readonly width: number; readonly height: number };
  readonly seconds?: number;
  readonly waveform?: readonly number[];
}

/** As {@link Inspected}, for storing: the thumbnail only by its measures, in pixels and bytes. */
export interface Found extends Omit<Inspected, "thumbnail"> {
  readonly thumbnail?: { readonly width: number; readonly height: number; readonly size: number };
}

export interface StillPicture {
  readonly file: MediaFile;
  /** Whether the image moves; this is its first frame. */
  readonly moved: boolean;
}

/** Images that {@link MediaTools.toPicture} reads. */
export const PICTURES: ReadonlySet<string> = new Set([
  "image/jpeg",
  "image/png",
  "image/apng",
  "image/gif",
  "image/webp",
  "image/avif",
  "image/tiff",
]);

/** A picture as PNG, with its size in pixels. */
export interface QrCode {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Voice notes as networks take them: Opus in Ogg, or AAC as a stream (ADTS); one channel. */
export type VoiceForm = "opus" | "aac";

/** Inspects files and converts them. No content makes it fail; what it cannot read it does not describe. */
export interface MediaTools {
  inspect(file: MediaFile, kind: MediaKind): Promise<Inspected>;
  /** As a voice note, of Opus unless another form is named; undefined where the machine has no converter. */
  toVoiceNote(file: MediaFile, form?: VoiceForm): Promise<MediaFile | undefined>;
  /** An image of any kind as a JPEG, or PNG where it is transparent; undefined where it cannot be read. */
  toPicture(file: MediaFile): Promise<StillPicture | undefined>;
  /** An image that moves as a silent MP4; undefined for what stands still, and where the machine has no converter. */
  toLoop(file: MediaFile): Promise<MediaFile | undefined>;
  /** Repacks a video of another container as MP4; undefined where that is not possible without loss. */
  toVideo(file: MediaFile): Promise<MediaFile | undefined>;
  /**
   * A picture or video without metadata of cameras and programs: places, dates, names. Quality and rotation stay.
   * `clean` where there is none, or it is to stay; undefined where that cannot be told.
   */
  withoutMetadata(file: MediaFile): Promise<MediaFile | "clean" | undefined>;
  /** A new file in the private folder, of what a stream brings; at most `limit` bytes, or BridgeError `too-large`. */
  spool(bytes: AsyncIterable<Uint8Array>, limit: number): Promise<MediaFile>;
  /** SHA-256 of a file's bytes, in hexadecimal. */
  digest(file: MediaFile): Promise<string>;
  /** A QR code as PNG. */
  qrCode(data: Uint8Array): Promise<QrCode>;
  /** A drawn avatar as PNG. */
  avatar(look: AvatarLook): Promise<Uint8Array>;
}

/** How an avatar is drawn. */
export interface AvatarLook {
  /** `#rrggbb`. */
  readonly colour: string;
  /** One or two letters of {@link initialsOf}; without any it is a shape. */
  readonly initials: string | undefined;
  /** The shape that is drawn without initials: a person, or speech bubbles. */
  readonly shape: "person" | "chats";
}

/** Bytes in memory as a file. */
export function fileOf(bytes: Uint8Array): Pick<MediaFile, "size" | "read"> {
  return {
    size: bytes.length,
    async *read() {
      yield bytes;
    },
  };
}
