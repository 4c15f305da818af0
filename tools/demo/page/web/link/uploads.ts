import type { FileKind } from "../../../../../src/sandbox/page/web/chat/attach-sheet.ts";
import type { Sound } from "../../../../../src/sandbox/page/web/chat/waveform.ts";
import type { Account } from "./account.ts";
import { sent } from "./outgoing.ts";

interface OutgoingFile {
  readonly file: Blob;
  readonly kind: FileKind;
  readonly name: string;
  readonly caption?: string;
  readonly sound?: Sound;
  /** Content that says what it answers. */
  readonly reply: Readonly<Record<string, unknown>>;
}

/** A file that is on its way to the homeserver; its message follows. */
export interface Upload extends OutgoingFile {
  readonly id: string;
  readonly room: string;
  readonly at: number;
  /** An address of the file on this page. */
  readonly src: string;
  failed: boolean;
}

const types = {
  image: "m.image",
  video: "m.video",
  gif: "m.video",
  voice: "m.audio",
  file: "m.file",
} as const;

/** Pixels of a picture or video; nothing where the browser cannot read it. */
async function measured(kind: FileKind, src: string): Promise<{ readonly w?: number; readonly h?: number }> {
  if (kind === "image") {
    const picture = new Image();
    picture.src = src;
    await picture.decode().catch(() => undefined);
    return picture.naturalWidth > 0 ? { w: picture.naturalWidth, h: picture.naturalHeight } : {};
  }
  if (kind !== "video" && kind !== "gif") return {};
  const video = document.createElement("video");
  const read = new Promise<void>((resolve) => {
    video.addEventListener("loadedmetadata", () => resolve(), { once: true });
    video.addEventListener("error", () => resolve(), { once: true });
  });
  video.preload = "metadata";
  video.src = src;
  await read;
  return video.videoWidth > 0 ? { w: video.videoWidth, h: video.videoHeight } : {};
}

/** Files that are being sent, by room. */
export class Uploads {
  readonly #account: Account;
  readonly #all: Upload[] = [];

  constructor(account: Account) {
    this.#account = account;
  }

  of(room: string): readonly Upload[] {
    return this.#all.filter((upload) => upload.room === room);
  }

  /** Shows the file at once and sends it. */
  async send(room: string, outgoing: OutgoingFile): Promise<void> {
    const src = URL.createObjectURL(outgoing.file);
    const upload = { ...outgoing, id: crypto.randomUUID(), room, at: Date.now(), src, failed: false };
    this.#all.push(upload);
    await this.again(upload);
  }

  async again(upload: Upload): Promise<void> {
    const { client } = this.#account;
    upload.failed = false;
    this.#account.tell();
    try {
      const type = upload.file.type === "" ? "application/octet-stream" : upload.file.type;
      const [size, { content_uri: url }] = await Promise.all([
        measured(upload.kind, upload.src),
        client.uploadContent(upload.file, { name: upload.name, type }),
      ]);
      this.discard(upload);
      const content = contentOf(upload, { url, mimetype: type, ...size });
      await this.#account.tries(() => sent(client, upload.room, "m.room.message", content));
    } catch {
      upload.failed = true;
      this.#account.tell();
    }
  }

  discard(upload: Upload): void {
    const at = this.#all.indexOf(upload);
    if (at >= 0) this.#all.splice(at, 1);
    URL.revokeObjectURL(upload.src);
    this.#account.tell();
  }
}

interface Uploaded {
  readonly url: string;
  readonly mimetype: string;
  readonly w?: number;
  readonly h?: number;
}

function contentOf({ file, kind, name, caption = "", sound, reply }: Upload, { url, ...found }: Uploaded) {
  const ms = sound === undefined ? {} : { duration: sound.seconds * 1000 };
  const voice = kind === "voice" && {
    "org.matrix.msc3245.voice": {},
    "org.matrix.msc1767.audio": {
      ...ms,
      // Loudness here is 0 to 100, there 0 to 1024.
      ...(sound?.waveform && { waveform: sound.waveform.map((loud) => Math.round(loud * 10.24)) }),
    },
  };
  return {
    msgtype: types[kind],
    body: caption === "" ? name : caption,
    filename: name,
    url,
    info: { size: file.size, ...found, ...ms, ...(kind === "gif" && { "fi.mau.gif": true }) },
    ...voice,
    ...reply,
  };
}
