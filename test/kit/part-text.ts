import type { Part } from "../../src/core/model/content.ts";

/** A text part's text, or another part's kind. */
export const partText = (part: Part): string => (part.kind === "text" ? part.body.text : part.kind);
