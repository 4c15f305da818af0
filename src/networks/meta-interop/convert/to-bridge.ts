import type { RemoteEvent } from "../../../core/model/events.ts";
import type { UserId } from "../../../core/model/ids.ts";
import { chatWith, messageId } from "../ids.ts";
import type { Profile } from "../profile.ts";
import { unpad } from "../wire/padding.ts";
import { decodePlaintext } from "../wire/plaintext.ts";
import type { Plaintext } from "../wire/plaintext-kinds.ts";
import type { Envelope } from "./envelope.ts";
import { remoteMessage, textParts } from "./remote-parts.ts";

/** For whom messages are read: our person, by their Signal address and Matrix id. */
export interface Reader {
  readonly profile: Pick<Profile, "plaintext" | "capabilities">;
  readonly own: string;
  readonly user: UserId;
}

/** What a decrypted message is to the bridge. Whatever it is, it is something: what cannot be shown says so. */
export function toBridge(
  { profile, own, user }: Reader,
  padded: Uint8Array,
  envelope: Envelope,
): RemoteEvent {
  const { sender, senderName } = envelope;
  const named = head(envelope);
  const two = { person: sender, own, user };
  const written = { two, senderName, most: profile.capabilities.text };
  let bytes = padded;
  let plaintext: Plaintext;
  try {
    bytes = unpad(padded);
    plaintext = decodePlaintext(profile.plaintext, bytes);
  } catch {
    return unsupported(envelope, "a message that is malformed", bytes);
  }
  switch (plaintext.kind) {
    case "reaction": {
      const { target } = plaintext;
      const emoji = plaintext.emoji.trim();
      const own = !target.fromMe;
      return { kind: "reaction", ...named, target: messageId(target.id), own, emoji };
    }
    case "edit": {
      const message = { parts: textParts(plaintext.text, written, plaintext.mentions) };
      return { kind: "edit", ...named, target: messageId(plaintext.target.id), message };
    }
    case "revoke":
      return { kind: "delete", ...named, target: messageId(plaintext.target.id) };
    case "viewOnce":
      return { kind: "excluded", ...named, what: "view-once" };
    case "disappearing":
      return { kind: "excluded", ...named, what: "disappearing" };
    case "status":
      return { kind: "excluded", ...named, what: "status" };
    case "senderKey":
      return unsupported(envelope, "something for a group chat", bytes);
    case "unknown":
      return unsupported(envelope, "something this bridge does not know", bytes);
    case "text":
    case "image":
    case "video":
    case "audio":
    case "document":
    case "sticker":
    case "location":
    case "contact":
    case "poll":
      return { kind: "message", ...named, message: remoteMessage(plaintext, written) };
  }
}

/** `raw` is kept for a version that can show it. */
export function unsupported(envelope: Envelope, what: string, raw?: Uint8Array): RemoteEvent {
  const kept = raw === undefined ? {} : { raw: Buffer.from(raw).toString("base64") };
  return { kind: "unsupported", ...head(envelope), what, ...kept };
}

export function undecryptable(envelope: Envelope): RemoteEvent {
  return { kind: "undecryptable", ...head(envelope) };
}

export function call(envelope: Envelope, video: boolean): RemoteEvent {
  return { kind: "call", ...head(envelope), video };
}

function head({ sender, id, at, senderName }: Envelope) {
  return { chat: chatWith(sender), sender, id, at, ...(senderName !== undefined && { senderName }) };
}
