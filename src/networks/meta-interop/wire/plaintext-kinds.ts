/** Whose plaintext format: WhatsApp's Message, or Messenger's three layers. */
export type PlaintextFormat = "whatsapp" | "messenger";

/** Names a message. `fromMe` is the writer's view: true when it is a message of their own. */
export interface MessageRef {
  readonly id: string;
  readonly fromMe: boolean;
  /** JID of the chat. */
  readonly chat?: string;
  /** JID of the message's author, in groups. */
  readonly participant?: string;
}

/** The message that this one answers, with as much of it as the writer enclosed. */
export interface Quoted {
  readonly id: string;
  /** JID of its author. */
  readonly sender?: string;
  readonly content?: ContentPlaintext;
}

/** An encrypted file somewhere: at `url` when a third party hosts it, else at the gatekeeper's media host plus `directPath`. */
export interface MediaFile {
  readonly url?: string;
  readonly directPath?: string;
  readonly mimetype: string;
  /** Bytes of the plaintext file. */
  readonly fileLength: number;
  /** 32 bytes each: of the plaintext, the key to derive from, of the ciphertext with its MAC. */
  readonly fileSha256: Uint8Array;
  readonly mediaKey: Uint8Array;
  readonly fileEncSha256: Uint8Array;
  /** Seconds since 1970. */
  readonly mediaKeyTimestamp?: number;
}

/** A member's sender key of a group, by which others read what it encrypts for all. */
export interface SenderKey {
  /** The group's JID. */
  readonly group: string;
  /** libsignal's SenderKeyDistributionMessage. */
  readonly distribution: Uint8Array;
}

export interface Answerable {
  readonly quoted?: Quoted;
}

interface Captioned {
  readonly caption?: string;
  /** JIDs of the people whom the text or caption names. */
  readonly mentions?: readonly string[];
}

interface Pictured {
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
  /** A small JPEG. */
  readonly thumbnail?: Uint8Array;
}

export interface TextPlaintext extends Answerable {
  readonly kind: "text";
  /** With the network's own markup in it. */
  readonly text: string;
  readonly mentions?: readonly string[];
}

export interface ImagePlaintext extends Answerable, Captioned, Pictured {
  readonly kind: "image";
  readonly media: MediaFile;
}

export interface VideoPlaintext extends Answerable, Captioned, Pictured {
  readonly kind: "video";
  readonly media: MediaFile;
  readonly seconds?: number;
  /** To be played in a loop without sound. */
  readonly gif: boolean;
}

interface AudioPlaintext extends Answerable {
  readonly kind: "audio";
  readonly media: MediaFile;
  readonly seconds?: number;
  /** Recorded for this chat, not a file of music. */
  readonly voice: boolean;
  /** Loudness, 0 to 100 each, usually 64 values. */
  readonly waveform?: Uint8Array;
}

interface DocumentPlaintext extends Answerable {
  readonly kind: "document";
  readonly media: MediaFile;
  readonly fileName?: string;
  readonly caption?: string;
}

interface StickerPlaintext extends Answerable {
  readonly kind: "sticker";
  readonly media: MediaFile;
  readonly width?: number;
  readonly height?: number;
  readonly animated: boolean;
}

export interface LocationPlaintext extends Answerable {
  readonly kind: "location";
  /** Degrees, WGS 84. */
  readonly latitude: number;
  readonly longitude: number;
  readonly name?: string;
  readonly address?: string;
  /** Whether it moves; only where it started is known. */
  readonly live: boolean;
}

export interface ContactPlaintext extends Answerable {
  readonly kind: "contact";
  /** One or more. */
  readonly contacts: readonly { readonly name: string; readonly vcard: string }[];
}

interface PollPlaintext extends Answerable {
  readonly kind: "poll";
  readonly question: string;
  readonly options: readonly string[];
  /** How many may be chosen; 0 is any number. */
  readonly selectable: number;
}

/** What can be quoted, seen once, or disappear. */
export type ContentPlaintext =
  | TextPlaintext
  | ImagePlaintext
  | VideoPlaintext
  | AudioPlaintext
  | DocumentPlaintext
  | StickerPlaintext
  | LocationPlaintext
  | ContactPlaintext
  | PollPlaintext;

/** What is inside one decrypted message, of either network. */
export type Plaintext =
  | ContentPlaintext
  /** An empty emoji takes the reaction back. `at` is in milliseconds since 1970, here and below. */
  | { readonly kind: "reaction"; readonly target: MessageRef; readonly emoji: string; readonly at?: number }
  /** The new text, or the new caption of a file. */
  | {
      readonly kind: "edit";
      readonly target: MessageRef;
      readonly text: string;
      readonly mentions?: readonly string[];
      readonly at?: number;
    }
  | { readonly kind: "revoke"; readonly target: MessageRef }
  /** To be shown once. */
  | { readonly kind: "viewOnce"; readonly content: ImagePlaintext | VideoPlaintext }
  /** A message with a time to live, or, without content, the chat's setting; 0 switches it off. */
  | { readonly kind: "disappearing"; readonly seconds: number; readonly content?: ContentPlaintext }
  | { readonly kind: "status"; readonly text: string }
  /** A group's sender key, alone. */
  | ({ readonly kind: "senderKey" } & SenderKey)
  /** Well-formed, but nothing that this version knows. */
  | { readonly kind: "unknown" };
