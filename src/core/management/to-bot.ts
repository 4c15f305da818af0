import type { Message } from "../model/content.ts";
import type { Invocation, MatrixEvent } from "../model/events.ts";
import type { EventId } from "../model/ids.ts";
import type { MediaKind } from "../model/media.ts";

/** How the bot reads an event in a management room: as a command, an answer, or something it cannot read. */
export type MessageToBot =
  | { readonly kind: "invocation"; readonly invocation: Invocation }
  | { readonly kind: "reaction"; readonly target: EventId; readonly emoji: string }
  | { readonly kind: "command"; readonly text: string }
  /** `each`: answered each time, as it may have been meant as a command. */
  | { readonly kind: "unread"; readonly what: string; readonly each?: true };

const files: Readonly<Record<MediaKind, string>> = {
  image: "pictures and stickers",
  voice: "voice notes",
  audio: "recordings",
  video: "videos",
  gif: "GIFs",
  file: "files",
};

/** How the bot reads an event; undefined for one it does not answer, such as a notice, which another bot may have sent. */
export function toBot(event: MatrixEvent): MessageToBot | undefined {
  switch (event.kind) {
    case "message":
      if (event.command) return { kind: "invocation", invocation: event.command };
      return ofMessage(event.message);
    case "edit":
      return (
        ofMessage(event.message) && {
          ...unread("an edit; write it anew as a message of its own"),
          each: true,
        }
      );
    case "reaction":
      return event;
    case "unsupported":
      if (event.command) return { kind: "invocation", invocation: event.command };
      return unread(event.what);
    case "block":
      return unread("a request to block somebody");
    case "encrypted":
    case "encryption-enabled":
    case "redaction":
    case "tombstone":
    case "member":
    case "room-access":
    case "room-name":
    case "room-topic":
    case "room-avatar":
    case "power-levels":
      return undefined;
  }
}

const unread = (what: string) => ({ kind: "unread", what }) as const;

function ofMessage({ parts }: Message): MessageToBot | undefined {
  const lines: string[] = [];
  for (const part of parts) {
    if (part.kind === "media") return unread(files[part.media.kind]);
    if (part.kind !== "text") return unread(part.kind === "contact" ? "contact cards" : "locations");
    if (part.style === "notice") return undefined;
    if (part.style === "emote") return unread("what you do (/me)");
    lines.push(part.body.text);
  }
  return { kind: "command", text: lines.join("\n") };
}
