import type { Message } from "./content.ts";

/** What a message is to who gets it, as far as an edit must know: its kind, and which file it is. */
export function formOf({ parts }: Message): string {
  const [part] = parts;
  if (part?.kind !== "media") return part?.kind ?? "text";
  const { source } = part.media;
  return source.at === "homeserver" ? `file ${source.uri}` : "file";
}
