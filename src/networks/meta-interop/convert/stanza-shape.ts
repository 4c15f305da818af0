import type { Plaintext } from "../wire/plaintext-kinds.ts";

/** The attributes by which `<message>` and `<enc>` tell the gatekeeper what is inside. */
export interface StanzaShape {
  readonly type: "text" | "media" | "reaction";
  readonly mediatype?: string;
  /** 7: of the sender's own message, 8: of another's in a group. */
  readonly edit?: "1" | "7" | "8";
}

export function shapeOf(plaintext: Plaintext): StanzaShape {
  switch (plaintext.kind) {
    case "image":
    case "document":
    case "location":
    case "sticker":
      return { type: "media", mediatype: plaintext.kind };
    case "video":
      return { type: "media", mediatype: plaintext.gif ? "gif" : "video" };
    case "audio":
      return { type: "media", mediatype: plaintext.voice ? "ptt" : "audio" };
    case "contact":
      return { type: "media", mediatype: plaintext.contacts.length === 1 ? "vcard" : "contact_array" };
    case "reaction":
      return { type: "reaction" };
    case "edit":
      return { type: "text", edit: "1" };
    case "revoke":
      return { type: "text", edit: plaintext.target.fromMe ? "7" : "8" };
    case "text":
    case "poll":
    case "viewOnce":
    case "disappearing":
    case "status":
    case "senderKey":
    case "unknown":
      return { type: "text" };
  }
}
