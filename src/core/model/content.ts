import type { MessageId } from "./ids.ts";
import type { Media } from "./media.ts";
import type { RichText } from "./rich-text.ts";

/** A piece of a message. For a new kind the compiler lists the places that must handle it. */
export type Part =
  | {
      readonly kind: "text";
      readonly style: "text" | "emote" | "notice";
      readonly body: RichText;
      /** What its sender showed of the links in it; absent where that is not known. */
      readonly previews?: readonly LinkPreview[];
    }
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

/** The message that another one replies to. */
export interface Quoted {
  readonly id: MessageId;
  /** Whether our own person wrote it. */
  readonly own: boolean;
  /** What the reply says of the message, for where that itself is not known. */
  readonly excerpt?: string;
  /** Of a reply to a network: the file of the message. */
  readonly file?: Pick<Media, "kind" | "mimetype" | "name">;
}

/** What a link leads to, by the word of who sent it. */
export interface LinkPreview {
  readonly url: string;
  readonly title?: string;
  readonly description?: string;
  /** A picture; where it cannot be had, the rest is shown without it. */
  readonly image?: Media;
}

/** When a message disappears. */
interface Expiry {
  /** Above 0; they count from when its receiver has read it, and for who wrote it from when it was sent. */
  readonly seconds: number;
  /** Of our person's own message from another device: since when they count, in milliseconds since the epoch. */
  readonly startedAt?: number;
}

/** A message, in no network's format. */
export interface Message {
  readonly parts: readonly Part[];
  readonly replyTo?: Quoted;
  /** Present where it disappears; of messages to a network it is the network's to say, see `SendResult.expires`. */
  readonly expires?: Expiry;
}
