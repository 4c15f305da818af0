import type { NetworkId } from "../../core/model/ids.ts";
import { noticeFor } from "./account/notice.ts";
import { defaultCapabilities } from "./convert/default-capabilities.ts";
import type { Profile, Query } from "./profile.ts";

export const messenger: Profile = {
  id: "messenger" as NetworkId,
  name: "Messenger",
  colour: "#1f6feb",
  product: "INTEROP_MSGR",
  server: "msgr",
  plaintext: "messenger",
  encVersion: "3",
  addressing: "a Messenger user name or id number",
  example: "bram.bakker",
  capabilities: defaultCapabilities({ text: 20_000, caption: 1_024 }),
  notice: noticeFor("Messenger"),
  query: userName,
};

function userName(typed: string): Query {
  const name = typed.trim().replace(/^@/, "");
  if (/^[^\p{Cc}]{1,100}$/u.test(name)) return { kind: "id", externalId: name };
  return { kind: "unclear", words: "Write a Messenger user name or id number, like bram.bakker." };
}
