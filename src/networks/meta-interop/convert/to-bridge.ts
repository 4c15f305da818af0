import type { RemoteEvent } from "../../../core/model/events.ts";
import type { PersonId, UserId } from "../../../core/model/ids.ts";
import { chatWith, messageId } from "../ids.ts";
import type { Profile } from "../profile.ts";
import { unpad } from "../wire/padding.ts";
import { decodePlaintext } from "../wire/plaintext.ts";
import type { Plaintext } from "../wire/plaintext-kinds.ts";
import type { Envelope } from "./envelope.ts";
import { isOwn, remoteMessage, textParts } from "./remote-parts.ts";

/** The recipient of messages: our person, by Signal address and Matrix id. */
export interface Recipient {
  readonly profile: Pick<Profile, "plaintext" | "capabilities">;
  readonly own: string;
  readonly user: UserId;
  /** In a group, the members' names. */
  readonly names?: ReadonlyMap<PersonId, string | undefined>;
}

/** Converts a decrypted message. What cannot be shown becomes an event that says so. */
export function toBridge(
  { profile, own, user, names }: Recipient,
  padded: Uint8Array,
  envelope: Envelope,
): RemoteEvent {
  const { sender, senderName } = envelope;
  const eventFields = eventHead(envelope);
  const pair = { person: sender, own, user, ...(names && { names }) };
  const context = { pair, senderName, longest: profile.capabilities.text };
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
      // In a group, a message that is not of who reacts may be anybody's.
      const ours = !target.fromMe && (names === undefined || isOwn(target.participant, own));
      return { kind: "reaction", ...eventFields, target: messageId(target.id), own: ours, emoji };
    }
    case "edit": {
      const message = { parts: textParts(plaintext.text, context, plaintext.mentions) };
      return { kind: "edit", ...eventFields, target: messageId(plaintext.target.id), message };
    }
    case "revoke":
      return { kind: "delete", ...eventFields, target: messageId(plaintext.target.id) };
    case "viewOnce":
      return { kind: "excluded", ...eventFields, what: "view-once" };
    case "disappearing":
      return { kind: "excluded", ...eventFields, what: "disappearing" };
    case "status":
      return { kind: "excluded", ...eventFields, what: "status" };
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
      return { kind: "message", ...eventFields, message: remoteMessage(plaintext, context) };
  }
}

/** `raw` is stored for a later version that can show it. */
export function unsupported(envelope: Envelope, what: string, raw?: Uint8Array): RemoteEvent {
  const kept = raw === undefined ? {} : { raw: Buffer.from(raw).toString("base64") };
  return { kind: "unsupported", ...eventHead(envelope), what, ...kept };
}

export function undecryptable(envelope: Envelope): RemoteEvent {
  return { kind: "undecryptable", ...eventHead(envelope) };
}

export function call(envelope: Envelope, video: boolean): RemoteEvent {
  return { kind: "call", ...eventHead(envelope), video };
}

function eventHead({ group, sender, id, at, senderName }: Envelope) {
  return { chat: group ?? chatWith(sender), sender, id, at, ...(senderName !== undefined && { senderName }) };
}
