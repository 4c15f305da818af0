import type { MediaKind } from "./media.ts";

/** What a room can be used for: one piece of data, enforced before sending, advertised, and shown on request. */
export interface Capabilities {
  readonly reactions: boolean;
  readonly replies: boolean;
  readonly typing: boolean;
  readonly receipts: boolean;
  readonly edits: boolean;
  readonly deletes: boolean;
  readonly location: boolean;
  readonly contacts: boolean;
  /** Characters (UTF-16 code units) a text may have, and a caption. */
  readonly text: number;
  readonly caption: number;
  /** Milliseconds after which a message can no longer be changed, or taken back; absent where there is no limit. */
  readonly editWindow?: number;
  readonly deleteWindow?: number;
  /** Kinds that are absent are not taken. */
  readonly media: Readonly<Partial<Record<MediaKind, MediaLimit>>>;
}

export interface MediaLimit {
  readonly bytes: number;
  /** Empty: any type. */
  readonly mimetypes: readonly string[];
}
