import type { AttachmentPointer, BodyRange, Preview } from "./attachment.ts";
import type { ServiceId } from "./service-id.ts";

/** The name of a message: its author and the time by their clock. */
export interface Target {
  readonly author: ServiceId;
  readonly timestamp: number;
}

/** A message to a chat, in the chat's state. */
export interface DataMessage {
  /** By the sender's clock; the same as the envelope's. */
  readonly timestamp: number;
  /** After which the chat's messages disappear; 0 seconds is never. `version` counts the changes, 0 where unknown. */
  readonly timer: { readonly seconds: number; readonly version: number };
  /** The sender's, which opens their profile. */
  readonly profileKey?: Uint8Array;
  readonly group?: {
    readonly masterKey: Uint8Array;
    readonly revision: number;
    readonly change?: Uint8Array;
  };
  readonly payload: DataPayload;
}

export type DataPayload =
  | MessagePayload
  /** A picture or video that is to be seen once. */
  | { readonly kind: "viewOnce" }
  | { readonly kind: "sticker"; readonly sticker: Sticker; readonly quote?: Quote }
  | { readonly kind: "contacts"; readonly contacts: readonly ContactCard[]; readonly quote?: Quote }
  | { readonly kind: "reaction"; readonly emoji: string; readonly remove: boolean; readonly target: Target }
  /** The sender takes back their own message of that time. */
  | { readonly kind: "delete"; readonly target: number }
  /** The sender changed the chat's timer to the message's. */
  | { readonly kind: "timer" }
  | { readonly kind: "profileKey" }
  | { readonly kind: "endSession" }
  | {
      readonly kind: "poll";
      readonly question: string;
      readonly multiple: boolean;
      readonly options: readonly string[];
    }
  /** `count`: which vote of the sender's it is; the highest counts. */
  | {
      readonly kind: "pollVote";
      readonly target: Target;
      readonly options: readonly number[];
      readonly count: number;
    }
  | { readonly kind: "pollEnd"; readonly target: number }
  | { readonly kind: "pin"; readonly target: Target; readonly pinned: boolean }
  | { readonly kind: "adminDelete"; readonly target: Target }
  | { readonly kind: "groupCall" }
  | { readonly kind: "payment"; readonly note?: string }
  | { readonly kind: "gift" }
  /** An answer to a story: its words, or an emoji. */
  | { readonly kind: "storyReply"; readonly body: string }
  /** Of a kind that is not known here, or that says it needs a later protocol. */
  | { readonly kind: "unknown" }
  | { readonly kind: "nothing" };

interface MessagePayload {
  readonly kind: "message";
  readonly body: string;
  readonly ranges: readonly BodyRange[];
  readonly attachments: readonly AttachmentPointer[];
  readonly previews: readonly Preview[];
  readonly quote?: Quote;
}

/** The message that another answers, as its sender shows it. */
export interface Quote {
  readonly target: Target;
  readonly text: string;
  readonly ranges: readonly BodyRange[];
  readonly attachments: readonly QuotedAttachment[];
}

export interface QuotedAttachment {
  readonly contentType?: string;
  readonly fileName?: string;
  readonly thumbnail?: AttachmentPointer;
}

export interface Sticker {
  readonly packId: Uint8Array;
  readonly packKey: Uint8Array;
  readonly stickerId: number;
  readonly data?: AttachmentPointer;
  readonly emoji?: string;
}

/** A card of an address book. */
export interface ContactCard {
  readonly name: {
    readonly given?: string;
    readonly family?: string;
    readonly prefix?: string;
    readonly suffix?: string;
    readonly middle?: string;
    readonly nickname?: string;
  };
  readonly phones: readonly ContactValue[];
  readonly emails: readonly ContactValue[];
  readonly addresses: readonly ContactAddress[];
  readonly organization?: string;
}

export interface ContactValue {
  readonly value: string;
  readonly type: "home" | "mobile" | "work" | "custom";
  readonly label?: string;
}

export interface ContactAddress {
  readonly type: "home" | "work" | "custom";
  readonly label?: string;
  readonly street?: string;
  readonly pobox?: string;
  readonly neighborhood?: string;
  readonly city?: string;
  readonly region?: string;
  readonly postcode?: string;
  readonly country?: string;
}
