import type { MediaKind } from "./media.ts";

/** What a room can be used for, as data: enforced before sending, advertised, and shown on request. */
export interface Capabilities {
  readonly reactions: boolean;
  readonly replies: boolean;
  readonly typing: boolean;
  readonly receipts: boolean;
  readonly edits: boolean;
  readonly deletes: boolean;
  /** Whether an administrator of a group deletes what others wrote there. */
  readonly deletesOthers?: true;
  readonly location: boolean;
  readonly contacts: boolean;
  /** Whether a contact can be blocked there. */
  readonly blocks: boolean;
  /** Characters (UTF-16 code units) a text may have, and a caption. */
  readonly text: number;
  readonly caption: number;
  /** Milliseconds after which a message can no longer be edited, or deleted; absent where there is no limit. */
  readonly editWindow?: number;
  readonly deleteWindow?: number;
  /** How often a message can be edited; absent where there is no limit. */
  readonly editCount?: number;
  /** Why nothing can be written in this chat now, a sentence; absent where it can. */
  readonly closed?: string;
  /** Whether its disappearing messages come here, and disappear here too. */
  readonly expires?: true;
  /** The most seconds to which a person here may set the timer of its disappearing messages; absent where they may not. */
  readonly longestTimer?: number;
  /** How many files one message may have; one where absent. */
  readonly files?: number;
  /** The limits of each kind; a kind that is absent is not taken. */
  readonly media: Readonly<Partial<Record<MediaKind, MediaLimit>>>;
}

export interface MediaLimit {
  readonly bytes: number;
  /** The accepted types; all where empty. */
  readonly mimetypes: readonly string[];
}
