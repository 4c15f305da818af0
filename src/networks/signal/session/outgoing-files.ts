import { z } from "zod";
import { BridgeError } from "../../../core/model/errors.ts";
import type { MessageId } from "../../../core/model/ids.ts";
import { faultOf } from "../../../core/ports/log.ts";
import type { OutgoingItem } from "../../../core/ports/network.ts";
import type { Upload } from "../convert/from-bridge.ts";
import { isLongText } from "../convert/long-text.ts";
import type { LoginContext } from "../login-context.ts";
import { filesScope } from "../record-scopes.ts";
import type { AttachmentPointer } from "../wire/attachment.ts";

/** Milliseconds for which it is kept what a message was made of: as long as a contact may ask for it again. */
export const KEPT_FOR_RETRIES = 30 * 86_400_000;

const bytes = z.base64().transform((text) => Uint8Array.from(Buffer.from(text, "base64")));
const storedFiles = z.array(
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
    clientUuid: bytes.exactOptional(),
    note: z.string().exactOptional(),
  }),
);

/** What stands for a picture that could not be brought. */
const NOWHERE: AttachmentPointer = { cdn: 0, size: 0, voice: false, gif: false, borderless: false };

/** A file that is at a host, and what the sender is told of a change of it. */
type StoredFile = AttachmentPointer & { readonly note?: string };

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
    const files: StoredFile[] = uploads.length === 0 ? [] : [...(await this.#there(item, uploads))];
    const left = uploads.slice(files.length);
    // Files are fetched from the homeserver only while connected, so that an outage does not fetch them again and again.
    if (left.length > 0) await this.#context.chat();
    for (const upload of left) {
      const { pointer, note } = await this.#brought(item, upload);
      files.push(note === undefined ? pointer : { ...pointer, note });
      await this.#store(item.id, files);
    }
    const notes = files.flatMap(({ note }) => note ?? []);
    return { files, words: notes.length === 0 ? undefined : notes.join(" ") };
  }

  async #brought(item: OutgoingItem, upload: Upload): ReturnType<PutFile> {
    if (upload.kind !== "picture") return this.#put(item, upload);
    const { log, login } = this.#context;
    try {
      return { pointer: (await this.#put(item, upload)).pointer };
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      log.info("the picture of a link was left out", { login, message: item.id, ...faultOf(error) });
      return { pointer: NOWHERE };
    }
  }

  /** Where the files of a message are that was tried before; undefined where that is not known. */
  async stored(id: MessageId, count: number): Promise<readonly AttachmentPointer[] | undefined> {
    if (count === 0) return [];
    const files = await this.#stored(id);
    return files.length === count ? files : undefined;
  }

  /** What of a message is at a host: what an earlier try brought, and the file whose words an edit changes. */
  async #there({ id, outgoing }: OutgoingItem, uploads: readonly Upload[]): Promise<readonly StoredFile[]> {
    const brought = await this.#stored(id);
    if (brought.length > 0 || outgoing.kind !== "edit" || uploads[0]?.kind !== "media") return brought;
    const [file] = await this.#stored(outgoing.target);
    if (!file || isLongText(file)) return [];
    const { note: _, ...pointer } = file;
    await this.#store(id, [pointer]);
    return [pointer];
  }

  /** The first of the message's files, as many as were brought. */
  async #stored(id: MessageId): Promise<readonly StoredFile[]> {
    const { store, login } = this.#context;
    const stored = await store.records.get(filesScope(login), id);
    const parsed = stored === undefined ? undefined : storedFiles.safeParse(JSON.parse(stored));
    return parsed?.success ? parsed.data : [];
  }

  /** Before the next is brought, so that none is brought twice. */
  async #store(id: MessageId, files: readonly StoredFile[]): Promise<void> {
    const { store, login, clock } = this.#context;
    await store.write((tx) =>
      tx.records.set(filesScope(login), id, written(files), clock.now() + KEPT_FOR_RETRIES),
    );
  }
}

const base64 = (value: Uint8Array): string => Buffer.from(value).toString("base64");

const written = (files: readonly StoredFile[]): string =>
  JSON.stringify(
    files.map(({ key, digest, clientUuid, ...rest }) => ({
      ...rest,
      ...(key && { key: base64(key) }),
      ...(digest && { digest: base64(digest) }),
      ...(clientUuid && { clientUuid: base64(clientUuid) }),
    })),
  );
