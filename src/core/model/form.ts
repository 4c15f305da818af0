import type { Message } from "./content.ts";

/** What a message is to who gets it, as far as an edit must know: its kind, and which files it has. */
export function formOf({ parts }: Message): string {
  const [part] = parts;
  if (part?.kind !== "media") return part?.kind ?? "text";
  const uris = parts.flatMap((each) =>
    each.kind === "media" && each.media.source.at === "homeserver" ? each.media.source.uri : [],
  );
  return ["file", ...uris].join(" ");
}
