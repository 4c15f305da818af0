import type { Connections } from "../chats/connections.ts";
import { BridgeError } from "../model/errors.ts";
import type { UserId } from "../model/ids.ts";
import { sizeWords } from "../model/limits.ts";
import { fileOf, type Inspected, type MediaFile, type MediaTools } from "../model/media.ts";
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
    const uploaded = (await this.#isUploaded(attachment))
      ? attachment
      : await this.#upload(row, attachment.done ? begun(attachment) : attachment);
    const { uri, thumbnailUri, done, media } = uploaded;
    if (uri === undefined || !done) throw new Error("a file was brought and is nowhere");
    const thumbnail = thumbnailUri === undefined ? {} : { thumbnail: thumbnailUri };
    return this.#parts.encoder.attach(row.content, media, { uri, size: done.size, ...thumbnail }, done.found);
  }

  /**
   * Whether an earlier try uploaded the file, and the homeserver still has it: one restored from an older copy may not.
   */
  async #isUploaded({ done, uri, thumbnailUri }: Attachment): Promise<boolean> {
    if (!done || uri === undefined) return false;
    const { homeserver } = this.#parts;
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
    const reserved = await this.#reserve(row, pending, found);
    const { uri, thumbnailUri } = reserved;
    if (uri === undefined) throw new Error("no address was reserved");
    try {
      await homeserver.putMedia(this.#uploader(row), uri, file, found.mimetype, media.name);
      if (thumbnailUri !== undefined && found.thumbnail) {
        await homeserver.putMedia(
          this.#uploader(row),
          thumbnailUri,
          fileOf(found.thumbnail.bytes),
          "image/jpeg",
        );
      }
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
    if (source.at === "homeserver") return this.#parts.homeserver.openMedia(source.uri, Infinity);
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

  async #reserve(row: MatrixOutboxRow, pending: Attachment, found: Inspected): Promise<Attachment> {
    const { store, homeserver } = this.#parts;
    if (pending.uri !== undefined) return pending;
    const reserve = (as: UserId): Promise<string> => homeserver.reserveMedia(as);
    const uri = await reserve(this.#uploader(row));
    const thumbnail = found.thumbnail ? { thumbnailUri: await reserve(this.#uploader(row)) } : {};
    const reserved: Attachment = { ...pending, uri, ...thumbnail };
    await store.write((tx) => tx.matrixOutbox.setAttachment(row.id, reserved));
    return reserved;
  }
}

/** The upload before its first step. */
const begun = ({ media, login, isPicture }: Attachment): Attachment => ({
  media,
  login,
  ...(isPicture && { isPicture }),
});
