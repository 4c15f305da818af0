import { z } from "zod";
import type { MediaUse } from "../wire/media-crypto.ts";
import type { MediaFile } from "../wire/plaintext-kinds.ts";

const bytes32 = z.base64().transform((text, context) => {
  const bytes = new Uint8Array(Buffer.from(text, "base64"));
  if (bytes.length !== 32) context.addIssue("not 32 bytes");
  return bytes;
});

const schema = z.object({
  /** A path under the gatekeeper's media address, or a whole URL. */
  path: z.string(),
  use: z.enum(["image", "video", "audio", "document"]),
  key: bytes32,
  plain: bytes32,
  encrypted: bytes32,
  /** Bytes, as the sender announced them. */
  length: z.number().int().nonnegative(),
});

/** What is needed to fetch a contact's file and verify it. */
export type MediaRef = Readonly<z.output<typeof schema>>;

export function writeMediaRef(file: MediaFile, use: MediaUse): string {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  return JSON.stringify({
    path: file.directPath ?? file.url ?? "",
    use,
    key: base64(file.mediaKey),
    plain: base64(file.fileSha256),
    encrypted: base64(file.fileEncSha256),
    length: file.fileLength,
  });
}

/** Throws where the JSON is not one of ours. */
export function readMediaRef(json: string): MediaRef {
  return schema.parse(JSON.parse(json));
}
