import { createDecipheriv, createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import type { Proto } from "@signalapp/mock-server";
import type { SignalMock } from "../../../tools/signal-mock/signal-mock.ts";

type Pointer = Proto.AttachmentPointer.Params;

/** A file for a message of a played phone, encrypted by the mock's own code and put at its host. */
export async function fileOfPhone(
  { server }: SignalMock,
  plain: Uint8Array,
  said: Partial<Pointer>,
): Promise<Pointer> {
  const { encryptAttachment } = await import("@signalapp/mock-server/src/crypto.js");
  const { attachmentToPointer } = await import("@signalapp/mock-server/src/data/attachment.js");
  const attachment = encryptAttachment(Buffer.from(plain));
  const key = await server["storeAttachment"](attachment.blob);
  return { ...attachmentToPointer(key, attachment), ...said };
}

/** Fetches and opens a file as a phone would, with nothing of the connector's. Throws where anything does not hold. */
export async function openedByPhone(mock: SignalMock, pointer: Proto.AttachmentPointer): Promise<Buffer> {
  const { attachmentIdentifier, key, digest, size, cdnNumber } = pointer;
  const cdnKey = attachmentIdentifier && "cdnKey" in attachmentIdentifier ? attachmentIdentifier.cdnKey : "";
  if (!key || !digest || cdnNumber !== 3) throw new Error("a pointer lacks something");
  const blob = await fetched(`https://localhost:${mock.port}/cdn3/attachments/${cdnKey}`, mock.ca);
  if (!createHash("sha256").update(blob).digest().equals(digest)) throw new Error("another digest");
  const [sealed, mac] = [blob.subarray(0, -32), blob.subarray(-32)];
  if (!createHmac("sha256", key.slice(32)).update(sealed).digest().equals(mac))
    throw new Error("another MAC");
  const decipher = createDecipheriv("aes-256-cbc", key.slice(0, 32), sealed.subarray(0, 16));
  const padded = Buffer.concat([decipher.update(sealed.subarray(16)), decipher.final()]);
  return padded.subarray(0, size ?? 0);
}

async function fetched(url: string, ca: string): Promise<Buffer> {
  const [response] = (await once(get(url, { ca }), "response")) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`the host answered ${response.statusCode}`);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
