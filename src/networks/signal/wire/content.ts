import type { DataMessage } from "./data-message.ts";
import type { ServiceId } from "./service-id.ts";
import type { Sync } from "./sync.ts";

/** What a message is once it is decrypted, and what rides with it. */
export interface Content {
  readonly body: ContentBody;
  /** By which the sender's messages in a group are read from there on. */
  readonly senderKeyDistribution?: Uint8Array;
  /** That the sender's phone number is the account's: by the number's identity key, over the account's. */
  readonly pniSignature?: { readonly pni: ServiceId; readonly signature: Uint8Array };
}

export type ContentBody =
  | { readonly kind: "data"; readonly data: DataMessage }
  /** A new wording; `target` is the time of the message as it was first. */
  | { readonly kind: "edit"; readonly target: number; readonly data: DataMessage }
  | { readonly kind: "sync"; readonly sync: Sync }
  | ReceiptBody
  | { readonly kind: "typing"; readonly typing: boolean; readonly at: number; readonly group?: Uint8Array }
  | { readonly kind: "call"; readonly call: Call }
  | { readonly kind: "story" }
  /** Nothing to show; it renews a session. */
  | { readonly kind: "null" }
  /** The sender could not decrypt: the bytes of libsignal's DecryptionErrorMessage. */
  | { readonly kind: "decryptionError"; readonly error: Uint8Array }
  /** Only what rides along. */
  | { readonly kind: "nothing" };

interface ReceiptBody {
  readonly kind: "receipt";
  readonly receipt: "delivery" | "read" | "viewed";
  /** Of our messages. */
  readonly timestamps: readonly number[];
}

/** How a call begins; `other` is all that follows, and what nobody is told of. */
export type Call = "audio" | "video" | "other";
