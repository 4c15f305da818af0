import type { Connections } from "../chats/connections.ts";
import { BridgeError } from "../model/errors.ts";
import type { UserId } from "../model/ids.ts";
import { sizeWords } from "../model/limits.ts";
import {
  type FileKey,
  fileOf,
  type HomeserverFile,
  type Inspected,
  type MediaFile,
  type MediaTools,
} from "../model/media.ts";
import type { Clock } from "../ports/clock.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { Attachment, MatrixOutboxRow } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";

interface AttachFilesParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly encoder: MatrixEncoder;
  readonly connections: Connections;
  readonly tools: MediaTools;
  readonly clock: Pick<Clock, "after">;
}

/** How long a text waits for a picture of something in it, in milliseconds. */
const PICTURE_PATIENCE = 5_000;

/** Uploads a row's file to the homeserver, storing each step before the next, and puts it into the row's content. */
export class Attachments {
  readonly #parts: AttachFilesParts;

  constructor(parts: AttachFilesParts) {
    this.#parts = parts;
  }

  /** The row's content with its uploaded file, and without a picture that cannot be had soon. Throws BridgeError. */
  async attach(row: MatrixOutboxRow, attachment: Attachment): Promise<MatrixOutboxRow["content"]> {
    const whole = this.#attach(row, attachment);
    if (attachment.isPicture !== true) return whole;
    const late = Promise.withResolvers<MatrixOutboxRow["content"]>();
    const cancel = this.#parts.clock.after(PICTURE_PATIENCE, () => late.resolve(row.content));
    try {
      return await Promise.race([whole.catch(() => row.content), late.promise]);
    } finally {
      cancel();
    }
  }

  async #attach(row: MatrixOutboxRow, attachment: Attachment): Promise<MatrixOutboxRow["content"]> {
    const uploaded = (await this.#isUploaded(row, attachment))
      ? attachment
      : await this.#upload(row, attachment.done ? begun(attachment) : attachment);
    const { done, media } = uploaded;
    const [file, thumbnail] = [fileAt(uploaded), thumbnailAt(uploaded)];
    if (!file || !done) throw new Error("a file was brought and is nowhere");
    const at = { ...file, size: done.size, ...(thumbnail && { thumbnail }) };
    return this.#parts.encoder.attach(row.content, media, at, done.found);
  }

  /**
   * Whether an earlier try uploaded the file as the room wants it, which may have been encrypted since, and the homeserver
   * still has it: one restored from an older copy may not.
   */
  async #isUploaded(row: MatrixOutboxRow, { done, uri, key, thumbnailUri }: Attachment): Promise<boolean> {
    if (!done || uri === undefined) return false;
    const { homeserver } = this.#parts;
    if ((await homeserver.encrypts(row)) !== (key !== undefined)) return false;
    return (
      (await homeserver.hasMedia(uri)) && (thumbnailUri === undefined || homeserver.hasMedia(thumbnailUri))
    );
  }

  async #upload(row: MatrixOutboxRow, pending: Attachment): Promise<Attachment> {
    const { store, homeserver, tools } = this.#parts;
    const { media } = pending;
    await using file = await this.#fetch(pending);
    const limit = await homeserver.mediaLimit();
    if (limit !== undefined && file.size > limit) {
      const words = `A file of ${sizeWords(file.size)} is larger than the ${sizeWords(limit)} your homeserver takes.`;
      throw new BridgeError("too-large", { words, certain: true });
    }
    const { at } = media.source;
    const inspected: Inspected =
      at === "inline" ? { mimetype: media.mimetype } : await tools.inspect(file, media.kind);
    const { thumbnail: _, ...plain } = inspected;
    const found: Inspected = pending.isPicture ? plain : inspected;
    const preview = found.thumbnail && fileOf(found.thumbnail.bytes);
    const main = await this.#prepare(row, { file, mimetype: found.mimetype, name: media.name }, pending.key);
    const small =
      preview && (await this.#prepare(row, { file: preview, mimetype: "image/jpeg" }, pending.thumbnailKey));
    const reserved = await this.#reserve(row, pending, main, small);
    try {
      await this.#put(row, fileAt(reserved), main);
      if (small) await this.#put(row, thumbnailAt(reserved), small);
    } catch (error) {
      await this.#forgetReserved(row, pending, error);
      throw error;
    }
    const { thumbnail, ...rest } = found;
    const shown = thumbnail && {
      width: thumbnail.width,
      height: thumbnail.height,
      size: thumbnail.bytes.length,
    };
    const done = { size: file.size, found: { ...rest, ...(shown ? { thumbnail: shown } : {}) } };
    const uploaded: Attachment = { ...reserved, done };
    await store.write((tx) => tx.matrixOutbox.setAttachment(row.id, uploaded));
    return uploaded;
  }

  /** The user who uploads: the sender if it is ours, else the bot. */
  #uploader({ sender }: MatrixOutboxRow): UserId {
    const { homeserver } = this.#parts;
    return homeserver.isOurs(sender) ? sender : homeserver.bot;
  }

  async #fetch({ media, login }: Attachment): Promise<MediaFile> {
    const { source } = media;
    if (source.at === "homeserver") return this.#parts.homeserver.openMedia(source, Infinity);
    if (source.at === "inline")
      return this.#parts.tools.spool(fileOf(Buffer.from(source.base64, "base64")).read(), Infinity);
    const client = this.#parts.connections.client(login);
    if (!client?.openMedia) {
      throw new BridgeError("remote-unreachable", {
        words: "The network that keeps it is not connected; write “status” to the bot to see why.",
        certain: true,
        retryAfter: 2000,
      });
    }
    return client.openMedia(source.ref);
  }

  /**
   * Forgets a reserved address that the homeserver has dropped, as it does after a day; the next try reserves a new
   * one.
   */
  async #forgetReserved(row: MatrixOutboxRow, pending: Attachment, error: unknown): Promise<void> {
    if (!(error instanceof BridgeError) || error.reason !== "gone") return;
    await this.#parts.store.write((tx) => tx.matrixOutbox.setAttachment(row.id, begun(pending)));
  }

  /** The file as the row's room wants it: of an encrypted one the homeserver learns nothing but its size. */
  async #prepare(row: MatrixOutboxRow, upload: Upload, former: FileKey | undefined): Promise<Upload> {
    const { homeserver } = this.#parts;
    if (!(await homeserver.encrypts(row))) return upload;
    const sealed = await homeserver.sealMedia(upload.file, former);
    return { file: sealed, key: sealed.key, mimetype: "application/octet-stream" };
  }

  /** Stores where the files go, and with which keys, so that a repeat brings the same bytes to the same address. */
  async #reserve(
    row: MatrixOutboxRow,
    pending: Attachment,
    main: Upload,
    small: Upload | undefined,
  ): Promise<Attachment> {
    const { store } = this.#parts;
    const at = await this.#placeOf(row, fileAt(pending), main);
    const thumbnail = small && (await this.#placeOf(row, thumbnailAt(pending), small));
    if (at.uri === pending.uri && thumbnail?.uri === pending.thumbnailUri) return pending;
    const reserved: Attachment = {
      ...begun(pending),
      ...at,
      ...(thumbnail && { thumbnailUri: thumbnail.uri }),
      ...(thumbnail?.key !== undefined && { thumbnailKey: thumbnail.key }),
    };
    await store.write((tx) => tx.matrixOutbox.setAttachment(row.id, reserved));
    return reserved;
  }

  /** Where a file goes: where an earlier try was to bring the same bytes, as far as that is known, or a new place. */
  async #placeOf(
    row: MatrixOutboxRow,
    former: HomeserverFile | undefined,
    { key }: Upload,
  ): Promise<HomeserverFile> {
    if (former && former.key === key) return former;
    const uri = await this.#parts.homeserver.reserveMedia(this.#uploader(row));
    return { uri, ...(key === undefined ? {} : { key }) };
  }

  async #put(row: MatrixOutboxRow, at: HomeserverFile | undefined, upload: Upload): Promise<void> {
    if (!at) return;
    const { file, mimetype, name } = upload;
    await this.#parts.homeserver.putMedia(this.#uploader(row), at.uri, file, mimetype, name);
  }
}

/** A file with what the homeserver is told of it. */
interface Upload {
  readonly file: Pick<MediaFile, "size" | "read">;
  readonly mimetype: string;
  readonly name?: string | undefined;
  /** What it is encrypted with. */
  readonly key?: FileKey;
}

const fileAt = ({ uri, key }: Attachment): HomeserverFile | undefined =>
  uri === undefined ? undefined : { uri, ...(key === undefined ? {} : { key }) };

const thumbnailAt = ({ thumbnailUri: uri, thumbnailKey: key }: Attachment): HomeserverFile | undefined =>
  uri === undefined ? undefined : { uri, ...(key === undefined ? {} : { key }) };

/** The upload before its first step. */
const begun = ({ media, login, isPicture }: Attachment): Attachment => ({
  media,
  login,
  ...(isPicture && { isPicture }),
});
