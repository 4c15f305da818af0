import type { Capabilities } from "./capabilities.ts";
import type { Message, Part } from "./content.ts";
import type { MediaKind } from "./media.ts";

/** The longest reaction in a room in UTF-16 units; Synapse refuses more than 500 characters. */
export const LONGEST_REACTION = 64;

const MiB = 1024 * 1024;

export const kindWords: Readonly<Record<MediaKind, string>> = {
  image: "images",
  voice: "voice notes",
  audio: "audio files",
  video: "videos",
  gif: "GIFs",
  file: "files",
};

/** A size in words. */
export function sizeWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < MiB) return `${Math.round(bytes / 1024)} KiB`;
  return `${(bytes / MiB).toFixed(bytes < 10 * MiB ? 1 : 0)} MiB`;
}

/** Why the network would refuse the message, with the limit; undefined where it takes it. */
export function refusalOf(message: Message, granted: Capabilities, network: string): string | undefined {
  for (const part of message.parts) {
    const words = refusalOfPart(part, granted, network);
    if (words !== undefined) return words;
  }
  return undefined;
}

function refusalOfPart(part: Part, granted: Capabilities, network: string): string | undefined {
  switch (part.kind) {
    case "text":
      return tooLong("The message", part.body.text, granted.text, network);
    case "media":
      return (
        refusalOfMedia(asTaken(part.media.kind, granted), part.media.size ?? 0, granted, network) ??
        tooLong("The caption", part.caption?.text ?? "", granted.caption, network)
      );
    case "location":
    case "contact":
      return undefined;
  }
}

/** The kind as which a file is sent: another one where its own is not taken. */
function asTaken(kind: MediaKind, { media }: Capabilities): MediaKind {
  if (media[kind]) return kind;
  if (kind === "gif" && media.video) return "video";
  return media.file ? "file" : kind;
}

function tooLong(what: string, text: string, most: number, network: string): string | undefined {
  if (text.length <= most) return undefined;
  return `${what} has ${text.length} characters; ${network} takes up to ${most}. Send it in parts.`;
}

/** Whether the network takes files of this type as that kind. */
export function takesType(kind: MediaKind, mimetype: string, granted: Capabilities): boolean {
  const limit = granted.media[kind];
  const [plain = ""] = mimetype.split(";");
  return limit !== undefined && (limit.mimetypes.length === 0 || limit.mimetypes.includes(plain.trim()));
}

/** As {@link refusalOf}, for a file of this many bytes. Its type is known when its bytes are read. */
export function refusalOfMedia(
  kind: MediaKind,
  bytes: number,
  granted: Capabilities,
  network: string,
): string | undefined {
  const limit = granted.media[kind];
  if (!limit) return `${network} takes no ${kindWords[kind]} here.`;
  if (bytes <= limit.bytes) return undefined;
  const [is, most] = [sizeWords(bytes), sizeWords(limit.bytes)];
  const asFile = kind !== "file" && bytes <= (granted.media.file?.bytes ?? 0) ? ", or send it as a file" : "";
  return `It is ${is} large; ${network} takes ${kindWords[kind]} of up to ${most}. Send a smaller one${asFile}.`;
}
