import type { Capabilities } from "./capabilities.ts";
import type { Message, Part } from "./content.ts";
import { type Media, type MediaKind, PICTURES } from "./media.ts";

/** UTF-16 units of a reaction in a room; Synapse refuses one of more than 500 characters. */
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

/** A size as people say it. */
export function sizeWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < MiB) return `${Math.round(bytes / 1024)} KiB`;
  return `${(bytes / MiB).toFixed(bytes < 10 * MiB ? 1 : 0)} MiB`;
}

/** Why the network would not take the message, with the number; undefined where it would. */
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
        refusalOfMedia(asTaken(part.media, granted), part.media.size ?? 0, granted, network) ??
        tooLong("The caption", part.caption?.text ?? "", granted.caption, network)
      );
    case "location":
    case "contact":
      return undefined;
  }
}

/** Pictures are converted on the way where a network takes only some types. */
function asTaken(media: Media, granted: Capabilities): Media {
  const [plain = ""] = media.mimetype.split(";");
  const becomes = media.kind === "image" && PICTURES.has(plain.trim());
  const taken = granted.media.image?.mimetypes.includes("image/jpeg") === true;
  return becomes && taken ? { ...media, mimetype: "image/jpeg" } : media;
}

function tooLong(what: string, text: string, most: number, network: string): string | undefined {
  if (text.length <= most) return undefined;
  return `${what} has ${text.length} characters; ${network} takes up to ${most}. Send it in parts.`;
}

/** As {@link refusalOf}, for a file of this many bytes. */
export function refusalOfMedia(
  { kind, mimetype }: Pick<Media, "kind" | "mimetype">,
  bytes: number,
  granted: Capabilities,
  network: string,
): string | undefined {
  const limit = granted.media[kind];
  if (!limit) return `${network} takes no ${kindWords[kind]} here.`;
  if (bytes > limit.bytes) {
    const [is, most] = [sizeWords(bytes), sizeWords(limit.bytes)];
    return `It is ${is} large; ${network} takes ${kindWords[kind]} of up to ${most}. Send a smaller one.`;
  }
  const [plain = ""] = mimetype.split(";");
  if (limit.mimetypes.length === 0 || limit.mimetypes.includes(plain.trim())) return undefined;
  // Recordings are converted on the way, so what they are now does not matter.
  if (kind === "voice") return undefined;
  return `${network} takes no ${kindWords[kind]} of type ${plain}. It takes ${limit.mimetypes.join(", ")}; any type can be sent as a file.`;
}
