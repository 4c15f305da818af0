import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Content, ContentBody } from "./content.ts";
import { dataFields, type SentMessage } from "./encode-data.ts";
import { type SendableSync, syncFields } from "./encode-sync.ts";
import { optional } from "./fields.ts";
import { ContentSchema } from "./gen/content_pb.js";
import { RECEIPT, TYPING } from "./numbers.ts";
import { uuidBytes } from "./service-id.ts";

/** What the bridge sends. */
export interface SendableContent extends Pick<Content, "pniSignature" | "senderKeyDistribution"> {
  readonly body: SendableBody;
}

export type SendableBody =
  | { readonly kind: "data"; readonly data: SentMessage }
  | { readonly kind: "edit"; readonly target: number; readonly data: SentMessage }
  | { readonly kind: "sync"; readonly sync: SendableSync }
  | Extract<ContentBody, { readonly kind: "receipt" | "typing" | "null" | "nothing" }>;

type Body = Exclude<MessageInitShape<typeof ContentSchema>, { $typeName: string }>["content"];

const PNI = "PNI:";

/** What a session encrypts, before padding. */
export function encodeContent({
  body,
  pniSignature: proof,
  senderKeyDistribution,
}: SendableContent): Uint8Array<ArrayBuffer> {
  const content = bodyFields(body);
  const pniSignatureMessage = proof && {
    pni: uuidBytes(proof.pni.slice(PNI.length)),
    signature: proof.signature,
  };
  return toBinary(
    ContentSchema,
    create(ContentSchema, {
      ...(content && { content }),
      ...optional("pniSignatureMessage", pniSignatureMessage),
      ...optional("senderKeyDistributionMessage", senderKeyDistribution),
    }),
  );
}

function bodyFields(body: SendableBody): Body | undefined {
  switch (body.kind) {
    case "data":
      return { case: "dataMessage", value: dataFields(body.data) };
    case "edit":
      return {
        case: "editMessage",
        value: { targetSentTimestamp: BigInt(body.target), dataMessage: dataFields(body.data) },
      };
    case "sync":
      return { case: "syncMessage", value: syncFields(body.sync) };
    case "receipt": {
      const timestamp = body.timestamps.map((time) => BigInt(time));
      return { case: "receiptMessage", value: { type: RECEIPT.numberOf[body.receipt], timestamp } };
    }
    case "typing": {
      const action = body.typing ? TYPING.started : TYPING.stopped;
      const value = { timestamp: BigInt(body.at), action, ...optional("groupId", body.group) };
      return { case: "typingMessage", value };
    }
    case "null":
      return { case: "nullMessage", value: {} };
    case "nothing":
      return undefined;
  }
}
