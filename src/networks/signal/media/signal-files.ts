import type { Dispatcher } from "undici";
import type { Capabilities } from "../../../core/model/capabilities.ts";
import { BridgeError } from "../../../core/model/errors.ts";
import { type FittedFile, fittedFile } from "../../../core/model/fitted-file.ts";
import {
  fileOf,
  type HomeserverFile,
  type Media,
  type MediaFile,
  type MediaTools,
} from "../../../core/model/media.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { SignalServers } from "../servers.ts";
import type { AttachmentPointer } from "../wire/attachment.ts";
import { Cdn } from "./cdn.ts";
import { describedPointer } from "./described-pointer.ts";
import { fetchGroupPicture, fetchMedia } from "./fetch-media.ts";
import { type UploadParts, upload } from "./upload.ts";
import { type PictureForm, uploadPicture } from "./upload-picture.ts";
import { voiceFormats, voiceNote } from "./voice-note.ts";

interface SignalFilesParts {
  readonly servers: Pick<SignalServers, "cdns" | "ca">;
  /** The header `User-Agent`. */
  readonly userAgent: string;
  readonly granted: Capabilities;
  readonly tools: MediaTools;
  readonly clock: Clock;
  /** Ends transfers that are under way. */
  readonly stopping?: AbortSignal | undefined;
}

type UploadForm = UploadParts["uploadForm"];

/** Bytes; the server signs forms for three megabytes at most, sealed. */
const LARGEST_GROUP_PICTURE = 2 * 1024 * 1024;

/** The way to Signal's hosts of files, which all logins share: what contacts sent, and what our people send. */
export class SignalFiles implements AsyncDisposable {
  readonly #parts: SignalFilesParts;
  readonly #cdn: Cdn;

  constructor(parts: SignalFilesParts) {
    this.#parts = parts;
    this.#cdn = new Cdn(parts);
  }

  /** Trusts the certificate of Signal's own hosts alone. */
  get dispatcher(): Dispatcher {
    return this.#cdn.dispatcher;
  }

  /** The file of a reference of media-ref.ts. Throws BridgeError. */
  open(ref: string): Promise<MediaFile> {
    return fetchMedia({ ...this.#parts, cdn: this.#cdn }, ref);
  }

  /** A picture of a group's, by its path; see {@link fetchGroupPicture}. Throws BridgeError. */
  openGroupPicture(path: string, open: (sealed: Uint8Array) => Uint8Array | undefined): Promise<MediaFile> {
    return fetchGroupPicture({ ...this.#parts, cdn: this.#cdn }, path, open);
  }

  /**
   * Brings a file of our person's to one of the hosts, in a form that Signal's apps show. `note`: what the sender is told
   * of a change of it. Throws BridgeError.
   */
  async put(
    media: Media,
    open: (file: HomeserverFile) => Promise<MediaFile>,
    uploadForm: UploadForm,
  ): Promise<{ readonly pointer: AttachmentPointer; readonly note: string | undefined }> {
    if (media.source.at !== "homeserver") throw new Error("a file of ours is not on the homeserver");
    await using source = await open(media.source);
    await using fitted = await this.#fitted(source, media.kind);
    const { file, kind, found, note } = fitted;
    const uploaded = await upload({ ...this.#parts, cdn: this.#cdn, uploadForm }, file);
    return { pointer: describedPointer(uploaded, kind, media, found), note };
  }

  /** A picture for a group, without what its camera wrote into it, and as small as Signal wants it. Throws BridgeError. */
  async groupPicture(source: MediaFile): Promise<Uint8Array> {
    await using fitted = await this.#fitted(source, "image");
    const { file, kind, found } = fitted;
    if (kind === "image" && file.size <= LARGEST_GROUP_PICTURE) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of file.read()) chunks.push(chunk);
      return Buffer.concat(chunks);
    }
    if (kind === "image" && found.thumbnail) return found.thumbnail.bytes;
    const words = "Signal takes a picture for a group that is a JPEG, PNG or WebP of at most 2 MB.";
    throw new BridgeError(kind === "image" ? "too-large" : "unsupported", { words, certain: true });
  }

  /** Brings a group's picture, sealed for its members, to Signal's host. Throws BridgeError. */
  putGroupPicture(form: PictureForm, sealed: Uint8Array<ArrayBuffer>): Promise<void> {
    return uploadPicture({ ...this.#parts, cdn: this.#cdn }, form, sealed);
  }

  /** Brings a text to one of the hosts, as a file of this type. Throws BridgeError. */
  async putText(text: string, contentType: string, uploadForm: UploadForm): Promise<AttachmentPointer> {
    const parts = { ...this.#parts, cdn: this.#cdn, uploadForm };
    const uploaded = await upload(parts, fileOf(Buffer.from(text)));
    return describedPointer(uploaded, "file", {}, { mimetype: contentType });
  }

  #fitted(source: MediaFile, wish: Media["kind"]): Promise<FittedFile> {
    const { tools, granted } = this.#parts;
    const voice = (recording: MediaFile) => voiceNote(tools, recording);
    return fittedFile(source, wish, { tools, granted, network: "Signal", voiceFormats, voiceNote: voice });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#cdn[Symbol.asyncDispose]();
  }
}
