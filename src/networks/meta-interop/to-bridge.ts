import type { RemoteEvent } from "../../core/events.ts";
import type { MessageId, PersonId } from "../../core/ids.ts";
import { fromMarkup } from "../../translate/markup.ts";
import { chatWith, messageId } from "./ids.ts";
import type { Profile } from "./profile.ts";
import { unpad } from "./wire/padding.ts";
import { decodePlaintext } from "./wire/plaintext.ts";
import type { Plaintext } from "./wire/plaintext-kinds.ts";

/** What the stanza said around the ciphertext. */
export interface Envelope {
  readonly sender: PersonId;
  readonly id: MessageId;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly senderName: string | undefined;
}

/** What a decrypted message is to the bridge. Whatever it is, it is something: what cannot be shown says so. */
export function toBridge(profile: Profile, padded: Uint8Array, envelope: Envelope): RemoteEvent {
  let plaintext: Plaintext;
  try {
    plaintext = decodePlaintext(profile.plaintext, unpad(padded));
  } catch {
    return unsupported(envelope, "a message that is malformed");
  }
  if (plaintext.kind !== "text") return unsupported(envelope, whatIs(plaintext));
  const message = {
    parts: [{ kind: "text", style: "text", body: fromMarkup(plaintext.text) }] as const,
    ...(plaintext.quoted && { replyTo: messageId(plaintext.quoted.id) }),
  };
  return { kind: "message", ...head(envelope), message };
}

export function unsupported(envelope: Envelope, what: string): RemoteEvent {
  return { kind: "unsupported", ...head(envelope), what };
}

export function undecryptable(envelope: Envelope): RemoteEvent {
  return { kind: "undecryptable", ...head(envelope) };
}

function head({ sender, id, at, senderName }: Envelope) {
  return { chat: chatWith(sender), sender, id, at, ...(senderName !== undefined && { senderName }) };
}

/** A few words that follow “sent”. */
function whatIs(plaintext: Exclude<Plaintext, { kind: "text" }>): string {
  switch (plaintext.kind) {
    case "image":
      return "a picture";
    case "video":
      return plaintext.gif ? "a GIF" : "a video";
    case "audio":
      return plaintext.voice ? "a voice message" : "an audio file";
    case "document":
      return "a file";
    case "sticker":
      return "a sticker";
    case "location":
      return plaintext.live ? "a live location" : "a location";
    case "contact":
      return "a contact card";
    case "poll":
      return "a poll";
    case "reaction":
      return "a reaction";
    case "edit":
      return "a change to an earlier message";
    case "revoke":
      return "a request to delete an earlier message";
    case "viewOnce":
      return "something to be seen only once";
    case "disappearing":
      return "a disappearing message";
    case "status":
      return "a status update";
    case "senderKey":
      return "something for a group chat";
    case "unknown":
      return "something this bridge does not know";
  }
}
