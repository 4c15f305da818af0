import { createHash } from "node:crypto";
import { Aci } from "@signalapp/libsignal-client";
import type { Proto } from "@signalapp/mock-server";
import type { PhoneItem } from "../../../src/sandbox/page/model/phone.ts";
import type { Heard } from "../journal.ts";
import { proto } from "../mock-server.ts";
import type { Person } from "../person.ts";

/** An item before it has its place on the phone; `bytes` are those of its file. */
export type NewItem = Omit<PhoneItem, "seq" | "from_name"> & { readonly bytes?: Uint8Array };

/** Names a message by who wrote it and when. */
export const messageId = (author: string, timestamp: number | bigint): string => `${author}/${timestamp}`;

/** What a phone shows of what it was sent; nothing of what a phone does not show. */
export async function itemsOf(person: Person, { from, at, content }: Heard): Promise<readonly NewItem[]> {
  const head = { from, chat: from, at };
  const { dataMessage, editMessage, receiptMessage, typingMessage, syncMessage } = content?.content ?? {};
  const sent = syncMessage?.content?.sent;
  if (dataMessage) return messageItems(person, dataMessage, head);
  if (editMessage) return editItems(editMessage, head);
  if (receiptMessage) {
    const receipt = receipts[receiptMessage.type ?? 0] ?? "delivered";
    return receiptMessage.timestamp.map((timestamp) => {
      const target = messageId(person.aci, timestamp);
      return { ...head, id: target, kind: "receipt", target, receipt } as const;
    });
  }
  if (typingMessage)
    return [{ ...head, id: "", kind: "typing", on: Number(typingMessage.action) !== STOPPED }];
  if (!sent) return [];
  // Another device of the person's own wrote it.
  const chat = aciOf(sent.destinationServiceIdBinary ?? undefined) ?? sent.destinationServiceId ?? "";
  const own = { ...head, own: true, chat } as const;
  if (sent.editMessage) return editItems(sent.editMessage, own);
  return sent.message ? messageItems(person, sent.message, own) : [];
}

const receipts: Readonly<Record<number, PhoneItem["receipt"]>> = {
  [proto.ReceiptMessage.Type.DELIVERY]: "delivered",
  [proto.ReceiptMessage.Type.READ]: "read",
  [proto.ReceiptMessage.Type.VIEWED]: "played",
};
const STOPPED: number = proto.TypingMessage.Action.STOPPED;

type Head = Pick<NewItem, "from" | "chat" | "at" | "own">;

async function messageItems(person: Person, message: Proto.DataMessage, head: Head): Promise<NewItem[]> {
  const id = messageId(head.from, message.timestamp ?? 0n);
  const { reaction, delete: deleted, attachments, quote, sticker } = message;
  if (reaction) {
    const author = aciOf(reaction.targetAuthorAciBinary ?? undefined) ?? reaction.targetAuthorAci ?? "";
    const emoji = reaction.remove ? "" : (reaction.emoji ?? "");
    return [
      { ...head, id, kind: "reaction", target: messageId(author, reaction.targetSentTimestamp ?? 0n), emoji },
    ];
  }
  if (deleted)
    return [{ ...head, id, kind: "delete", target: messageId(head.from, deleted.targetSentTimestamp ?? 0n) }];
  const target = quote?.id
    ? { target: messageId(aciOf(quote.authorAciBinary ?? undefined) ?? quote.authorAci ?? "", quote.id) }
    : {};
  const text = message.body ?? "";
  const files = await Promise.all(attachments.map((pointer) => fileItem(person, pointer)));
  if (files.length > 0)
    return files.map((file, index) => ({
      ...head,
      ...target,
      ...file,
      id: index === 0 ? id : `${id}#${index}`,
      ...(index === 0 && text !== "" ? { caption: text } : {}),
    }));
  if (sticker) return [{ ...head, ...target, id, kind: "other", what: "sticker" }];
  if (text === "") return [{ ...head, ...target, id, kind: "other", what: whatOf(message) }];
  return [{ ...head, ...target, id, kind: "text", text }];
}

function editItems({ targetSentTimestamp, dataMessage }: Proto.EditMessage, head: Head): NewItem[] {
  const id = messageId(head.from, dataMessage?.timestamp ?? 0n);
  const target = messageId(head.from, targetSentTimestamp ?? 0n);
  return [{ ...head, id, kind: "edit", target, text: dataMessage?.body ?? "" }];
}

async function fileItem(person: Person, pointer: Proto.AttachmentPointer) {
  const { contentType, fileName, flags, width, height } = pointer;
  const mimetype = contentType ?? "application/octet-stream";
  const bytes = await person.file(pointer).catch(() => undefined);
  if (bytes === undefined) return { kind: "undecryptable" };
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return {
    kind: kindOf(mimetype, flags ?? 0),
    media: { sha256, size: bytes.length, mimetype, ...(fileName ? { name: fileName } : {}) },
    bytes,
    ...(width ? { width } : {}),
    ...(height ? { height } : {}),
  };
}

function kindOf(mimetype: string, flags: number): string {
  if (flags & 1) return "voice";
  if (flags & 8) return "gif";
  const [major = ""] = mimetype.split("/");
  return major === "image" || major === "video" ? major : "file";
}

const whatOf = ({ pollCreate, contact, flags }: Proto.DataMessage): string =>
  pollCreate ? "poll" : contact.length > 0 ? "contact" : flags === 2 ? "timer" : "unknown";

const aciOf = (binary: Uint8Array | undefined): string | undefined =>
  binary?.length === 16 ? Aci.fromUuidBytes(Uint8Array.from(binary)).getServiceIdString() : undefined;
