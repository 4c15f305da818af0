import type { EncodedEvent } from "../../core/ports/homeserver.ts";

/** The content that clients without edits show: the new content behind an asterisk (spec: Event replacements). */
export function editFallback(content: EncodedEvent["content"]): EncodedEvent["content"] {
  const { body, formatted_body: html } = content;
  return {
    ...content,
    body: `* ${typeof body === "string" ? body : ""}`,
    ...(typeof html === "string" ? { formatted_body: `* ${html}` } : {}),
  };
}
