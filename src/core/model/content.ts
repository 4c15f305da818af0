import type { MessageId } from "./ids.ts";
import type { Media } from "./media.ts";
import type { RichText } from "./rich-text.ts";

/** One piece of a message. A new kind of piece is added here, and the compiler lists the places to teach. */
export type Part =
  | { readonly kind: "text"; readonly style: "text" | "emote" | "notice"; readonly body: RichText }
  | { readonly kind: "media"; readonly media: Media; readonly caption?: RichText }
  /** Degrees, WGS 84. */
  | {
      readonly kind: "location";
      readonly latitude: number;
      readonly longitude: number;
      readonly name?: string;
    }
  /** `vcard` as RFC 6350. */
  | { readonly kind: "contact"; readonly name: string; readonly vcard: string };

/** The message another one answers. */
export interface Quoted {
  readonly id: MessageId;
  /** Whether our own person wrote it. */
  readonly own: boolean;
  /** What the answer showed of it, for where the message itself is not known. */
  readonly excerpt?: string;
}

/** What one person says at once, in no network's format. */
export interface Message {
  readonly parts: readonly Part[];
  readonly replyTo?: Quoted;
}
