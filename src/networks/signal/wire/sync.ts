import type { AttachmentPointer } from "./attachment.ts";
import type { DataMessage, Target } from "./data-message.ts";
import type { ServiceId } from "./service-id.ts";

/** What another device of our person tells. */
export type Sync =
  | SentSync
  | { readonly kind: "read"; readonly messages: readonly Target[] }
  /** Voice notes heard, view-once media seen. */
  | { readonly kind: "viewed"; readonly messages: readonly Target[] }
  /** `blob`: the file of contact details; `complete`: whether it has all contacts. */
  | { readonly kind: "contacts"; readonly blob: AttachmentPointer; readonly complete: boolean }
  | { readonly kind: "request"; readonly request: SyncRequest }
  /** All who are blocked. */
  | {
      readonly kind: "blocked";
      readonly numbers: readonly string[];
      readonly accounts: readonly ServiceId[];
      readonly groups: readonly Uint8Array[];
    }
  | {
      readonly kind: "verified";
      readonly person: ServiceId;
      readonly state: "default" | "verified" | "unverified";
      readonly identityKey: Uint8Array;
    }
  /** Undefined where nothing is said. */
  | {
      readonly kind: "configuration";
      readonly readReceipts: boolean | undefined;
      readonly typingIndicators: boolean | undefined;
      readonly linkPreviews: boolean | undefined;
    }
  | { readonly kind: "fetchLatest"; readonly what: "profile" | "storage" | "other" }
  | {
      readonly kind: "keys";
      readonly masterKey?: Uint8Array;
      readonly accountEntropyPool?: string;
      readonly mediaRootBackupKey?: Uint8Array;
    }
  | {
      readonly kind: "requestAnswered";
      readonly answer: RequestAnswer;
      readonly person?: ServiceId;
      readonly group?: Uint8Array;
    }
  /** The account has another phone number, and this device new keys for it. */
  | {
      readonly kind: "numberChanged";
      readonly identityKeyPair: Uint8Array;
      readonly signedPreKey: Uint8Array;
      readonly lastResortKyberPreKey: Uint8Array;
      readonly registrationId: number;
      readonly number: string;
    }
  | { readonly kind: "deleteForMe"; readonly deletions: readonly Deletion[] }
  /** A call with somebody; `outgoing`: our person called. */
  | {
      readonly kind: "call";
      /** The same in all that is told of one call; 0 where it is not named. */
      readonly id: bigint;
      readonly person: ServiceId;
      readonly video: boolean;
      readonly outgoing: boolean;
      readonly call: "accepted" | "notAccepted" | "other";
      readonly at: number;
    }
  | { readonly kind: "deviceRenamed"; readonly device: number }
  /** Nothing that concerns a bridge. */
  | { readonly kind: "other" };

/** What our person wrote on another device. */
export interface SentSync {
  readonly kind: "sent";
  readonly timestamp: number;
  /** Undefined for a message to a group. */
  readonly destination?: ServiceId;
  /** Known where the account behind it is not. */
  readonly destinationNumber?: string;
  /** When a message that disappears began to; milliseconds since the epoch. */
  readonly expiresFrom?: number;
  readonly sent:
    | { readonly kind: "data"; readonly data: DataMessage }
    | { readonly kind: "edit"; readonly target: number; readonly data: DataMessage }
    | { readonly kind: "story" };
  /** Only tells to whom more it went. */
  readonly recipientUpdate: boolean;
  readonly recipients: readonly {
    readonly person: ServiceId;
    readonly sealed: boolean;
    /** Of a phone number that was written to. */
    readonly pniIdentityKey?: Uint8Array;
  }[];
}

export type SyncRequest = "contacts" | "blocked" | "configuration" | "keys" | "other";

type RequestAnswer = "accept" | "delete" | "block" | "blockAndDelete" | "spam" | "blockAndSpam";

/** What our person deleted for themselves alone. */
export type Deletion =
  | { readonly kind: "messages"; readonly chat: Conversation; readonly messages: readonly Target[] }
  /** The chat up to its latest messages; `whole`: with the chat's settings. */
  | {
      readonly kind: "chat";
      readonly chat: Conversation;
      readonly latest: readonly Target[];
      readonly whole: boolean;
    }
  | { readonly kind: "attachment"; readonly chat: Conversation; readonly message: Target };

export type Conversation =
  | { readonly person: ServiceId }
  | { readonly number: string }
  | { readonly group: Uint8Array };
