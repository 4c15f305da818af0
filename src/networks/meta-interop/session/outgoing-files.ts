import { hkdfSync, randomBytes } from "node:crypto";
import type { Capabilities } from "../../../core/model/capabilities.ts";
import { fittedFile } from "../../../core/model/fitted-file.ts";
import type { MessageId } from "../../../core/model/ids.ts";
import type { Media, MediaFile, MediaKind, MediaTools } from "../../../core/model/media.ts";
import type { OutgoingItem } from "../../../core/ports/network.ts";
import type { Writes } from "../../../core/ports/store.ts";
import type { FilePlaintext } from "../convert/remote-media.ts";
import { hostedFiles } from "../hosted-files.ts";
import { describedFile } from "../media/described-file.ts";
import type { MediaHost } from "../media/media-host.ts";
import { voiceNote } from "../media/voice-note.ts";
import { hostedScope } from "../record-scopes.ts";
import type { MediaUse } from "../wire/media-crypto.ts";
import { decodePlaintext, encodePlaintext } from "../wire/plaintext.ts";
import type { Plaintext } from "../wire/plaintext-kinds.ts";
import type { LoginContext } from "./login-context.ts";

/** Milliseconds for which a message's plaintext is kept: for so long a network may ask for it again. */
const KEEP = 7 * 86_400_000;

const USES: Readonly<Record<MediaKind, MediaUse>> = {
  image: "image",
  voice: "audio",
  audio: "audio",
  video: "video",
  gif: "video",
  file: "document",
};

/** A hosted file, kept from the sweep until what names it is committed. */
export interface HostedPlaintext extends Disposable {
  readonly file: FilePlaintext;
  /** What the sender is told about a change of the file. */
  readonly note: string | undefined;
  /** Writes what is committed with the ciphertext; `plaintext` is the whole that was encrypted. */
  record(tx: Writes, plaintext: Plaintext): void;
}

/** Prepares our person's files for a contact: inspects, converts, encrypts and hosts them. */
export class OutgoingFiles {
  readonly #context: LoginContext;
  readonly #host: MediaHost;
  readonly #tools: MediaTools;
  readonly #secret: Uint8Array;

  constructor(context: LoginContext, host: MediaHost, tools: MediaTools) {
    this.#context = context;
    this.#host = host;
    this.#tools = tools;
    this.#secret = context.signal.own.identity.privateKey.serialize();
  }

  /** The plaintext of a message whose file was hosted at an earlier try. */
  async stored(id: MessageId): Promise<Plaintext | undefined> {
    const { store, login, profile } = this.#context;
    const stored = await store.records.get(hostedScope(login), this.#fileId(id));
    return stored === undefined
      ? undefined
      : decodePlaintext(profile.plaintext, Buffer.from(stored, "base64"));
  }

  /**
   * Forgets the plaintexts of messages that the contact has and will not ask for again; others', as a group's, are
   * forgotten after a while. The files stay until they expire.
   */
  async delivered(ids: readonly MessageId[]): Promise<void> {
    const { store, login } = this.#context;
    const files = await Promise.all(ids.map((id) => store.family(hostedFiles).get(this.#fileId(id))));
    const hosted = files.filter((file) => file !== undefined);
    if (hosted.length === 0) return;
    await store.write((tx) => {
      for (const { id } of hosted) tx.records.remove(hostedScope(login), id);
    });
  }

  /** Throws BridgeError where the file cannot be had, is not what the network takes, or cannot be kept. */
  async host(item: OutgoingItem, media: Media, granted: Capabilities): Promise<HostedPlaintext> {
    const { id } = item;
    const { name } = this.#context.profile;
    if (media.source.at !== "homeserver") throw new Error("a file of ours is not on the homeserver");
    await using source = await item.open(media.source);
    const tools = this.#tools;
    const voice = (recording: MediaFile) => voiceNote(tools, recording);
    const fitting = { tools, granted, network: name, voiceFormats: "Opus", voiceNote: voice };
    await using fitted = await fittedFile(source, media.kind, fitting);
    const { file, kind, found, note } = fitted;
    const hold = this.#host.hold(this.#fileId(id));
    try {
      const hosted = await this.#put(id, file, kind, found.mimetype);
      return {
        ...hosted,
        file: await describedFile(kind, hosted.file, media, found),
        note,
        [Symbol.dispose]: () => hold[Symbol.dispose](),
      };
    } catch (error) {
      hold[Symbol.dispose]();
      throw error;
    }
  }

  async #put(id: MessageId, file: MediaFile, kind: MediaKind, mimetype: string) {
    const { profile, login, clock } = this.#context;
    const fileId = this.#fileId(id);
    const mediaKey = new Uint8Array(randomBytes(32));
    const digests = await this.#host.put(fileId, file, { mediaKey, use: USES[kind] });
    const at = clock.now();
    const { fileLength, fileSha256, fileEncSha256, encryptedLength: size } = digests;
    const hosted = {
      url: this.#host.urlOf(fileId),
      mimetype: kind === "voice" ? "audio/ogg; codecs=opus" : mimetype,
      fileLength,
      fileSha256,
      mediaKey,
      fileEncSha256,
      mediaKeyTimestamp: Math.floor(at / 1_000),
    };
    const record = (tx: Writes, plaintext: Plaintext): void => {
      tx.family(hostedFiles).add({ id: fileId, login, size, at });
      const bytes = Buffer.from(encodePlaintext(profile.plaintext, plaintext));
      tx.records.set(hostedScope(login), fileId, bytes.toString("base64"), at + KEEP);
    };
    return { file: hosted, record };
  }

  /** An unguessable id, the same at each try of a message. */
  #fileId(id: MessageId): string {
    return Buffer.from(hkdfSync("sha256", this.#secret, "", `hosted file ${id}`, 32)).toString("base64url");
  }
}
