import type { Call, Content, ContentBody } from "./content.ts";
import { dataMessageFrom } from "./decode-data.ts";
import { syncFrom } from "./decode-sync.ts";
import { optional, required, requiredTime, timeFrom } from "./fields.ts";
import { type CallMessage, type Content as ContentMessage, ContentSchema } from "./gen/content_pb.js";
import { RECEIPT, TYPING, VIDEO_CALL } from "./numbers.ts";
import { decodeProtobuf } from "./protobuf.ts";
import { readPni } from "./service-id.ts";

/** What a session decrypted, after padding is off. Throws `malformed` and `too-long`. */
export function decodeContent(bytes: Uint8Array): Content {
  const message = decodeProtobuf(ContentSchema, bytes);
  const proof = message.pniSignatureMessage;
  const pni = proof && readPni(undefined, proof.pni);
  return {
    body: bodyFrom(message.content),
    ...optional("senderKeyDistribution", message.senderKeyDistributionMessage),
    ...(proof && pni !== undefined ? { pniSignature: { pni, signature: proof.signature } } : {}),
  };
}

function bodyFrom(content: ContentMessage["content"]): ContentBody {
  switch (content.case) {
    case "dataMessage":
      return { kind: "data", data: dataMessageFrom(content.value) };
    case "editMessage": {
      const { targetSentTimestamp, dataMessage } = content.value;
      const data = dataMessageFrom(required(dataMessage, "an edit's new wording"));
      return { kind: "edit", target: requiredTime(targetSentTimestamp, "an edit's target"), data };
    }
    case "syncMessage":
      return { kind: "sync", sync: syncFrom(content.value) };
    case "callMessage":
      return { kind: "call", call: callFrom(content.value) };
    case "receiptMessage": {
      const receipt = RECEIPT.nameOf(content.value.type);
      const timestamps = content.value.timestamp.map(timeFrom).filter((time) => time !== undefined);
      return receipt === undefined ? { kind: "nothing" } : { kind: "receipt", receipt, timestamps };
    }
    case "typingMessage": {
      const { action, timestamp, groupId } = content.value;
      const at = requiredTime(timestamp, "typing");
      return { kind: "typing", typing: action === TYPING.started, at, ...optional("group", groupId) };
    }
    case "storyMessage":
      return { kind: "story" };
    case "nullMessage":
      return { kind: "null" };
    case "decryptionErrorMessage":
      return { kind: "decryptionError", error: content.value };
    case undefined:
      return { kind: "nothing" };
  }
}

function callFrom({ offer }: CallMessage): Call {
  if (offer === undefined) return "other";
  return offer.type === VIDEO_CALL ? "video" : "audio";
}
