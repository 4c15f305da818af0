/** What a file is to the people who share it. A `gif` is a silent video that loops. */
export type MediaKind = "image" | "voice" | "audio" | "video" | "gif" | "file";

/** Where a file is: on the homeserver (`mxc://`), on the network (the connector's own word for it), or here: it is text. */
type MediaSource =
  | { readonly at: "homeserver"; readonly uri: string }
  | { readonly at: "network"; readonly ref: string }
  /** In the message itself; base64, which JSON takes as it is, however much of it there is. */
  | { readonly at: "inline"; readonly base64: string };

/** A file as its sender described it. Nothing of it is believed until the file was looked at. */
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

/** A file on this machine's disk, whole and checked; disposing deletes it. */
export interface MediaFile extends AsyncDisposable {
  /** Bytes. */
  readonly size: number;
  read(): AsyncIterable<Uint8Array>;
  /** For tools that want a file; it is private to this process. */
  readonly path: string;
}

/** What was found by looking at a file. */
export interface Inspected {
  /** From the bytes; `application/octet-stream` for what must never be shown as anything else. */
  readonly mimetype: string;
  readonly width?: number;
  readonly height?: number;
  readonly blurhash?: string;
  /** JPEG of at most 800 pixels a side, for images and videos. */
  readonly thumbnail?: { readonly bytes: Uint8Array; readonly width: number; readonly height: number };
  readonly seconds?: number;
  readonly waveform?: readonly number[];
}

/** As {@link Inspected}, to be kept: of the thumbnail only its measures, in pixels and bytes. */
export interface Found extends Omit<Inspected, "thumbnail"> {
  readonly thumbnail?: { readonly width: number; readonly height: number; readonly size: number };
}

export interface StillPicture {
  readonly file: MediaFile;
  /** The image moved; this is its first frame. */
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

/** Looks at files and converts them. It survives whatever is in them; what it cannot read it does not describe. */
export interface MediaTools {
  inspect(file: MediaFile, kind: MediaKind): Promise<Inspected>;
  /** As ogg/opus mono, or undefined where the machine has no converter. */
  toVoiceNote(file: MediaFile): Promise<MediaFile | undefined>;
  /** An image of any kind as a JPEG, or PNG where it is transparent; undefined where it cannot be read. */
  toPicture(file: MediaFile): Promise<StillPicture | undefined>;
  /** An image that moves as a silent MP4; undefined for what stands still, and where the machine has no converter. */
  toLoop(file: MediaFile): Promise<MediaFile | undefined>;
  /** A video in another container as MP4, as good as it is; undefined where that is not possible without loss. */
  toVideo(file: MediaFile): Promise<MediaFile | undefined>;
  /**
   * A picture or video without what cameras and programs note in it: places, dates, names. What it shows stays as good
   * as it is, and turned as it is. `clean` where there is nothing of it, or it is to stay; undefined where that cannot
   * be told.
   */
  withoutMetadata(file: MediaFile): Promise<MediaFile | "clean" | undefined>;
  /** A new file in the private folder, of what a stream brings; at most `limit` bytes, or BridgeError `too-large`. */
  spool(bytes: AsyncIterable<Uint8Array>, limit: number): Promise<MediaFile>;
  /** A QR code as PNG. */
  qrCode(data: Uint8Array): Promise<QrCode>;
  /** What stands for somebody without a picture, as PNG. */
  avatar(look: AvatarLook): Promise<Uint8Array>;
}

/** How an avatar is drawn. */
export interface AvatarLook {
  /** `#rrggbb`. */
  readonly colour: string;
  /** One or two letters of {@link initialsOf}; without any it is a shape. */
  readonly initials: string | undefined;
  /** Drawn where there are no initials: somebody, or talk. */
  readonly shape: "person" | "chats";
}

/** Bytes at hand, to be put where a file is wanted. */
export function fileOf(bytes: Uint8Array): Pick<MediaFile, "size" | "read"> {
  return {
    size: bytes.length,
    async *read() {
      yield bytes;
    },
  };
}
