import type { NetworkId } from "../../core/model/ids.ts";
import { noticeFor } from "./account/notice.ts";
import { defaultCapabilities } from "./convert/default-capabilities.ts";
import type { Profile, Query } from "./profile.ts";

export const whatsapp: Profile = {
  id: "whatsapp" as NetworkId,
  name: "WhatsApp",
  colour: "#1b8f4d",
  product: "INTEROP",
  server: "s.whatsapp.net",
  plaintext: "whatsapp",
  encVersion: "2",
  addressing: "a phone number with country code, like +31612345678",
  example: "+31612345678",
  capabilities: defaultCapabilities({ text: 65_536, caption: 1_024 }),
  notice: noticeFor("WhatsApp"),
  query: phoneNumber,
};

/** E.164: at most 15 digits, the first not 0. People type spaces, dots, dashes, brackets, and 00 for +. */
function phoneNumber(typed: string): Query {
  const cleaned = typed.replace(/[\s().\-/‐-―\u2060\u202a-\u202e\u200b-\u200f]/g, "").replace(/^00/, "+");
  const digits = cleaned.startsWith("+") ? cleaned.slice(1) : cleaned;
  if (/^[1-9]\d{5,14}$/.test(digits)) return { kind: "id", externalId: `+${digits}` };
  return {
    kind: "unclear",
    words: "That is not a phone number with country code. Write it like +31612345678.",
  };
}
