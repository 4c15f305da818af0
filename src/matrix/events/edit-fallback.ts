import type { EncodedEvent } from "../../core/ports/homeserver.ts";

/** What an edit shows in clients without edits: its new content, marked (spec: Event replacements). */
export function fallback(content: EncodedEvent["content"]): EncodedEvent["content"] {
  const { body, formatted_body: html } = content;
  return {
    ...content,
    body: `* ${typeof body === "string" ? body : ""}`,
    ...(typeof html === "string" ? { formatted_body: `* ${html}` } : {}),
  };
}
