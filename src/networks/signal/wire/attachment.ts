import type { ServiceId } from "./service-id.ts";

/** Where an encrypted file is, and what is said of it. Nothing of it is checked: whoever fetches it must. */
export interface AttachmentPointer {
  readonly cdn: number;
  /** The last part of its address there; a number in decimal where the server is of the oldest. */
  readonly cdnKey?: string;
  /** 32 bytes for AES, 32 for HMAC. */
  readonly key?: Uint8Array;
  /** SHA-256 of the encrypted file. */
  readonly digest?: Uint8Array;
  /** Bytes of the file itself, without padding. */
  readonly size: number;
  readonly incrementalMac?: Uint8Array;
  readonly chunkSize?: number;
  readonly contentType?: string;
  readonly fileName?: string;
  readonly caption?: string;
  readonly blurHash?: string;
  readonly width?: number;
  readonly height?: number;
  readonly voice: boolean;
  /** Plays by itself and again and again, without sound. */
  readonly gif: boolean;
  readonly borderless: boolean;
  /** Milliseconds since the epoch. */
  readonly uploadedAt?: number;
  /** 16 bytes by which the sender's devices know the file. */
  readonly clientUuid?: Uint8Array;
}

/** Offsets count UTF-16 code units. */
export interface BodyRange {
  readonly start: number;
  readonly length: number;
  readonly mark: { readonly style: RangeStyle } | { readonly mention: ServiceId };
}

type RangeStyle = "bold" | "italic" | "spoiler" | "strikethrough" | "monospace";

/** What the sender's app found at a link of the text. */
export interface Preview {
  readonly url: string;
  readonly title?: string;
  readonly description?: string;
  readonly image?: AttachmentPointer;
}
