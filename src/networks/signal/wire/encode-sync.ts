import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Target } from "./data-message.ts";
import { dataFields, type SentMessage } from "./encode-data.ts";
import { optional } from "./fields.ts";
import type { SyncMessageSchema } from "./gen/sync-message_pb.js";
import { ANSWER, FETCH, REQUEST, VERIFIED } from "./numbers.ts";
import { serviceIdBytes } from "./service-id.ts";
import type { SentSync, Sync, SyncRequest } from "./sync.ts";

type Fields = Exclude<MessageInitShape<typeof SyncMessageSchema>, { $typeName: string }>;

/** What the bridge tells the person's other devices. */
export type SendableSync =
  | (Omit<SentSync, "sent"> & {
      readonly sent:
        | { readonly kind: "data"; readonly data: SentMessage }
        | { readonly kind: "edit"; readonly target: number; readonly data: SentMessage };
    })
  | Extract<Sync, { readonly kind: "read" | "viewed" | "verified" | "requestAnswered" }>
  | { readonly kind: "request"; readonly request: Exclude<SyncRequest, "other"> }
  | { readonly kind: "fetchLatest"; readonly what: "profile" | "storage" };

export function syncFields(sync: SendableSync): Fields {
  switch (sync.kind) {
    case "sent":
      return { content: { case: "sent", value: sentFields(sync) } };
    case "read":
      return { read: sync.messages.map(targetFields) };
    case "viewed":
      return { viewed: sync.messages.map(targetFields) };
    case "request":
      return { content: { case: "request", value: { type: REQUEST.numberOf[sync.request] } } };
    case "fetchLatest":
      return { content: { case: "fetchLatest", value: { type: FETCH.numberOf[sync.what] } } };
    case "verified": {
      const person = { destinationAci: sync.person, destinationAciBinary: serviceIdBytes(sync.person) };
      const value = { ...person, identityKey: sync.identityKey, state: VERIFIED.numberOf[sync.state] };
      return { content: { case: "verified", value } };
    }
    case "requestAnswered": {
      const { person, group, answer } = sync;
      const thread = person && { threadAci: person, threadAciBinary: serviceIdBytes(person) };
      const value = { ...thread, ...optional("groupId", group), type: ANSWER.numberOf[answer] };
      return { content: { case: "messageRequestResponse", value } };
    }
  }
}

function sentFields(sync: Extract<SendableSync, { readonly kind: "sent" }>) {
  const { destination, destinationNumber, expiresFrom, sent } = sync;
  return {
    timestamp: BigInt(sync.timestamp),
    ...(destination === undefined
      ? {}
      : { destinationServiceId: destination, destinationServiceIdBinary: serviceIdBytes(destination) }),
    ...optional("destinationE164", destinationNumber),
    ...(expiresFrom === undefined ? {} : { expirationStartTimestamp: BigInt(expiresFrom) }),
    ...(sent.kind === "edit"
      ? { editMessage: { targetSentTimestamp: BigInt(sent.target), dataMessage: dataFields(sent.data) } }
      : { message: dataFields(sent.data) }),
    isRecipientUpdate: sync.recipientUpdate,
    unidentifiedStatus: sync.recipients.map(({ person, sealed, pniIdentityKey }) => ({
      destinationServiceId: person,
      destinationServiceIdBinary: serviceIdBytes(person),
      unidentified: sealed,
      ...optional("destinationPniIdentityKey", pniIdentityKey),
    })),
  };
}

const targetFields = ({ author, timestamp }: Target) => ({
  senderAci: author,
  senderAciBinary: serviceIdBytes(author),
  timestamp: BigInt(timestamp),
});
