import { isFieldSet } from "@bufbuild/protobuf";
import type { Target } from "./data-message.ts";
import { attachmentFrom } from "./decode-attachment.ts";
import { dataMessageFrom, targetFrom } from "./decode-data.ts";
import { deletionsFrom } from "./decode-delete-for-me.ts";
import { optional, required, requiredTime, timeFrom } from "./fields.ts";
import {
  type SyncMessage_MessageRequestResponse as AnswerMessage,
  type SyncMessage_Blocked as BlockedMessage,
  type SyncMessage_CallEvent as CallEventMessage,
  type SyncMessage_Configuration as ConfigurationMessage,
  type SyncMessage_Read as ReadMessage,
  type SyncMessage_Sent as SentMessage,
  type SyncMessage,
  SyncMessage_ConfigurationSchema,
  type Verified as VerifiedMessage,
} from "./gen/sync-message_pb.js";
import { ANSWER, CALL, CALL_TYPE, FETCH, OUTGOING_CALL, REQUEST, VERIFIED } from "./numbers.ts";
import { readAci, readServiceId } from "./service-id.ts";
import type { SentSync, Sync } from "./sync.ts";

/** Throws `malformed` for one that lacks what it is about. */
export function syncFrom(message: SyncMessage): Sync {
  const { content } = message;
  switch (content.case) {
    case "sent":
      return sentFrom(content.value);
    case "contacts": {
      const blob = required(content.value.blob, "the file of a sync of contacts");
      return { kind: "contacts", blob: attachmentFrom(blob), complete: content.value.complete };
    }
    case "request":
      return { kind: "request", request: REQUEST.nameOf(content.value.type) ?? "other" };
    case "blocked":
      return blockedFrom(content.value);
    case "verified":
      return verifiedFrom(content.value);
    case "configuration":
      return configurationFrom(content.value);
    case "fetchLatest":
      return { kind: "fetchLatest", what: FETCH.nameOf(content.value.type) ?? "other" };
    case "keys":
      return {
        kind: "keys",
        ...optional("masterKey", content.value.master),
        ...optional("accountEntropyPool", content.value.accountEntropyPool),
        ...optional("mediaRootBackupKey", content.value.mediaRootBackupKey),
      };
    case "messageRequestResponse":
      return answerFrom(content.value);
    case "pniChangeNumber": {
      const { $typeName: _, newE164: number, $unknown: __, ...keys } = content.value;
      return { kind: "numberChanged", number, ...keys };
    }
    case "deleteForMe":
      return { kind: "deleteForMe", deletions: deletionsFrom(content.value) };
    case "deviceNameChange":
      return { kind: "deviceRenamed", device: content.value.deviceId };
    case "callEvent":
      return callFrom(content.value);
    case "viewOnceOpen":
      return { kind: "other" };
    case undefined:
      if (message.read.length > 0) return { kind: "read", messages: targetsFrom(message.read) };
      if (message.viewed.length > 0) return { kind: "viewed", messages: targetsFrom(message.viewed) };
      return { kind: "other" };
  }
}

function callFrom({ callId: id, conversationId, type, direction, event, timestamp }: CallEventMessage): Sync {
  const person = readServiceId(undefined, conversationId);
  const kind = CALL_TYPE.nameOf(type);
  const at = timeFrom(timestamp);
  if (person === undefined || kind === undefined || at === undefined) return { kind: "other" };
  const outgoing = direction === OUTGOING_CALL;
  const call = CALL.nameOf(event) ?? "other";
  return { kind: "call", id, person, video: kind === "video", outgoing, call, at };
}

function sentFrom(sent: SentMessage): Sync {
  const message = sentBody(sent);
  if (message === undefined) return { kind: "other" };
  const destination = readServiceId(sent.destinationServiceId, sent.destinationServiceIdBinary);
  return {
    kind: "sent",
    timestamp: requiredTime(sent.timestamp, "a sent message"),
    ...optional("destination", destination),
    ...optional("destinationNumber", sent.destinationE164),
    ...optional("expiresFrom", timeFrom(sent.expirationStartTimestamp)),
    sent: message,
    recipientUpdate: sent.isRecipientUpdate,
    recipients: sent.unidentifiedStatus.flatMap((status) => {
      const person = readServiceId(status.destinationServiceId, status.destinationServiceIdBinary);
      const key = optional("pniIdentityKey", status.destinationPniIdentityKey);
      return person === undefined ? [] : [{ person, sealed: status.unidentified, ...key }];
    }),
  };
}

function sentBody({ message, editMessage: edit, storyMessage }: SentMessage): SentSync["sent"] | undefined {
  if (message !== undefined) return { kind: "data", data: dataMessageFrom(message) };
  if (edit !== undefined) {
    const data = dataMessageFrom(required(edit.dataMessage, "an edit's new wording"));
    return { kind: "edit", target: requiredTime(edit.targetSentTimestamp, "an edit's target"), data };
  }
  return storyMessage && { kind: "story" };
}

function blockedFrom({ numbers, acis, acisBinary, groupIds }: BlockedMessage): Sync {
  const ids = [
    ...acisBinary.map((binary) => readAci(undefined, binary)),
    ...acis.map((text) => readAci(text, undefined)),
  ];
  const accounts = [...new Set(ids.filter((id) => id !== undefined))];
  return { kind: "blocked", numbers, accounts, groups: groupIds };
}

function verifiedFrom(verified: VerifiedMessage): Sync {
  const person = readAci(verified.destinationAci, verified.destinationAciBinary);
  return {
    kind: "verified",
    person: required(person, "who is verified"),
    state: VERIFIED.nameOf(verified.state) ?? "default",
    identityKey: verified.identityKey,
  };
}

function configurationFrom(message: ConfigurationMessage): Sync {
  const said = (name: "readReceipts" | "typingIndicators" | "linkPreviews"): boolean | undefined =>
    isFieldSet(message, SyncMessage_ConfigurationSchema.field[name]) ? message[name] : undefined;
  return {
    kind: "configuration",
    readReceipts: said("readReceipts"),
    typingIndicators: said("typingIndicators"),
    linkPreviews: said("linkPreviews"),
  };
}

function answerFrom({ threadAci, threadAciBinary, groupId, type }: AnswerMessage): Sync {
  const answer = ANSWER.nameOf(type);
  if (answer === undefined) return { kind: "other" };
  const person = optional("person", readServiceId(threadAci, threadAciBinary));
  return { kind: "requestAnswered", answer, ...person, ...optional("group", groupId) };
}

const targetsFrom = (
  messages: readonly Pick<ReadMessage, "senderAci" | "senderAciBinary" | "timestamp">[],
): Target[] =>
  messages
    .map((message) => targetFrom(message.timestamp, message.senderAciBinary, message.senderAci))
    .filter((target) => target !== undefined);
