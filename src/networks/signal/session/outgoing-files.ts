import { z } from "zod";
import type { MessageId } from "../../../core/model/ids.ts";
import type { OutgoingItem } from "../../../core/ports/network.ts";
import type { Upload } from "../convert/from-bridge.ts";
import type { LoginContext } from "../login-context.ts";
import { filesScope } from "../record-scopes.ts";
import type { AttachmentPointer } from "../wire/attachment.ts";

/** Milliseconds for which it is kept where a message's files are: as long as a contact may ask for it again. */
const KEEP = 30 * 86_400_000;

const bytes = z.base64().transform((text) => Uint8Array.from(Buffer.from(text, "base64")));
const pointers = z.array(
  z.object({
    cdn: z.number(),
    cdnKey: z.string().exactOptional(),
    key: bytes.exactOptional(),
    digest: bytes.exactOptional(),
    size: z.number(),
    contentType: z.string().exactOptional(),
    fileName: z.string().exactOptional(),
    blurHash: z.string().exactOptional(),
    width: z.number().exactOptional(),
    height: z.number().exactOptional(),
    voice: z.boolean(),
    gif: z.boolean(),
    borderless: z.boolean(),
    uploadedAt: z.number().exactOptional(),
  }),
);

/** Brings one file to Signal's hosts. `note`: what the sender is told of a change of it. Throws BridgeError. */
export type PutFile = (
  item: OutgoingItem,
  upload: Upload,
) => Promise<{ readonly pointer: AttachmentPointer; readonly note?: string | undefined }>;

export interface UploadedFiles {
  /** In the order of the uploads. */
  readonly files: readonly AttachmentPointer[];
  readonly words: string | undefined;
}

/** The files of our person's messages: each is brought to Signal's hosts once, however often its message is tried. */
export class OutgoingFiles {
  readonly #context: LoginContext;
  readonly #put: PutFile;

  constructor(context: LoginContext, put: PutFile) {
    this.#context = context;
    this.#put = put;
  }

  /** Throws BridgeError. */
  async put(item: OutgoingItem, uploads: readonly Upload[]): Promise<UploadedFiles> {
    const known = await this.stored(item.id, uploads.length);
    if (known) return { files: known, words: undefined };
    // Files are fetched from the homeserver only while connected, so that an outage does not fetch them again and again.
    await this.#context.chat();
    const files: AttachmentPointer[] = [];
    const notes: string[] = [];
    for (const upload of uploads) {
      const { pointer, note } = await this.#put(item, upload);
      files.push(pointer);
      if (note !== undefined) notes.push(note);
    }
    const { store, login, clock } = this.#context;
    await store.write((tx) => tx.records.set(filesScope(login), item.id, written(files), clock.now() + KEEP));
    return { files, words: notes.length === 0 ? undefined : notes.join(" ") };
  }

  /** Where the files of a message are that was tried before; undefined where that is not known. */
  async stored(id: MessageId, count: number): Promise<readonly AttachmentPointer[] | undefined> {
    if (count === 0) return [];
    const { store, login } = this.#context;
    const stored = await store.records.get(filesScope(login), id);
    const parsed = stored === undefined ? undefined : pointers.safeParse(JSON.parse(stored));
    return parsed?.success && parsed.data.length === count ? parsed.data : undefined;
  }
}

const base64 = (value: Uint8Array): string => Buffer.from(value).toString("base64");

const written = (files: readonly AttachmentPointer[]): string =>
  JSON.stringify(
    files.map(({ key, digest, ...rest }) => ({
      ...rest,
      ...(key && { key: base64(key) }),
      ...(digest && { digest: base64(digest) }),
    })),
  );
