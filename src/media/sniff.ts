import { open } from "node:fs/promises";

/** The type of a file that no client shows or runs, only saves. */
export const OPAQUE = "application/octet-stream";

const HEAD = 256 * 1024;

/** The types that are passed on. Every other, such as scripts and markup, becomes {@link OPAQUE}. */
const passedTypes: ReadonlySet<string> = new Set([
  "image/jpeg",
  "image/png",
  "image/apng",
  "image/gif",
  "image/webp",
  "image/avif",
  "image/heic",
  "image/heif",
  "image/bmp",
  "image/tiff",
  "video/mp4",
  "video/webm",
  "video/quicktime",
  "video/matroska",
  "video/3gpp",
  "video/ogg",
  "video/mpeg",
  "audio/mpeg",
  "audio/mp4",
  "audio/aac",
  "audio/ogg",
  "audio/wav",
  "audio/flac",
  "audio/amr",
  "application/pdf",
  "application/zip",
  "application/gzip",
  "application/x-7z-compressed",
  "application/epub+zip",
  "application/rtf",
  "application/vnd.oasis.opendocument.text",
  "application/vnd.oasis.opendocument.spreadsheet",
  "application/vnd.oasis.opendocument.presentation",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  "text/vcard",
  "text/calendar",
]);

const usualNames: Readonly<Record<string, string>> = {
  "audio/x-m4a": "audio/mp4",
  "video/x-m4v": "video/mp4",
  "video/3gpp2": "video/3gpp",
  "video/matroska": "video/x-matroska",
};

/** A file's type by its first bytes. Never throws for a file's content. */
export async function sniff(path: string): Promise<string> {
  const { fileTypeFromBuffer } = await import("file-type");
  const head = await firstBytes(path);
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  const [plain = ""] = found?.mime.split(";") ?? [];
  const type = usualNames[plain] ?? plain;
  if (passedTypes.has(plain) || passedTypes.has(type)) return type;
  return found === undefined && isPlainText(head) ? "text/plain" : OPAQUE;
}

async function firstBytes(path: string): Promise<Uint8Array> {
  await using handle = await open(path, "r");
  const { bytesRead, buffer } = await handle.read(new Uint8Array(HEAD), 0, HEAD);
  return buffer.subarray(0, bytesRead);
}

/** Whether the bytes are plain text that no client can take for markup or a script. */
function isPlainText(head: Uint8Array): boolean {
  if (head.length === 0) return false;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    // eslint-disable-next-line no-control-regex
    return !/[\u0000-\u0008\u000B\u000E-\u001F\u007F]|<[a-z!?/]|^\s*(?:%!|#!|@echo)/i.test(text);
  } catch {
    return false;
  }
}
