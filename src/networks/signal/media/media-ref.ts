import { z } from "zod";
import type { ChatId } from "../../../core/model/ids.ts";
import type { AttachmentPointer } from "../wire/attachment.ts";

const bytes = (length: number) =>
  z.base64url().transform((text, context) => {
    const read = new Uint8Array(Buffer.from(text, "base64url"));
    if (read.length !== length) context.addIssue(`not ${length} bytes`);
    return read;
  });

const attachment = z.object({
  cdn: z.int().nonnegative(),
  key: z.string().min(1),
  encryptionKey: bytes(64),
  digest: bytes(32),
  /** Bytes, as the sender announced them. */
  size: z.int().nonnegative(),
  /** Milliseconds since the epoch. */
  uploadedAt: z.int().optional(),
});

const profilePicture = z.object({
  /** The path at host 0. */
  profilePicture: z.string().min(1),
  profileKey: bytes(32),
});

/** The group's key opens it, which stays out of references. */
const groupPicture = z.object({
  /** The path at host 0. */
  groupPicture: z.string().min(1),
  chat: z.string().transform((text) => text as ChatId),
});

const schema = z.union([attachment, profilePicture]);

export type AttachmentRef = Readonly<z.output<typeof attachment>>;
export type ProfilePictureRef = Readonly<z.output<typeof profilePicture>>;
/** What is needed to fetch a file of Signal's hosts and to verify it. */
type MediaRef = AttachmentRef | ProfilePictureRef;

type Pointer = Pick<AttachmentPointer, "cdn" | "cdnKey" | "key" | "digest" | "size" | "uploadedAt">;

/** The reference of an attachment, for `NetworkClient.openMedia`; undefined where the file cannot be had by the pointer. */
export function attachmentRef({ cdn, cdnKey, key, digest, size, uploadedAt }: Pointer): string | undefined {
  if (!cdnKey || key?.length !== 64 || digest?.length !== 32) return undefined;
  const encryptionKey = base64(key);
  return JSON.stringify({ cdn, key: cdnKey, encryptionKey, digest: base64(digest), size, uploadedAt });
}

/** The reference of a profile's picture, which another picture changes. `path` as the profile has it. */
export function profilePictureRef(path: string, profileKey: Uint8Array): string {
  return JSON.stringify({ profilePicture: path, profileKey: base64(profileKey) });
}

/** The reference of a group's picture, which another picture changes; empty where there is no picture. */
export const groupPictureRef = (path: string, chat: ChatId): string =>
  path === "" ? "" : JSON.stringify({ groupPicture: path, chat });

/** What {@link groupPictureRef} made; undefined for any other reference. */
export function readGroupPictureRef(json: string): Readonly<z.output<typeof groupPicture>> | undefined {
  return groupPicture.safeParse(JSON.parse(json)).data;
}

/** Throws where the JSON is not one of ours. */
export function readMediaRef(json: string): MediaRef {
  return schema.parse(JSON.parse(json));
}

const base64 = (value: Uint8Array): string => Buffer.from(value).toString("base64url");
