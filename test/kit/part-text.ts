import type { Message, Part } from "../../src/core/model/content.ts";

/** A text part's text, or another part's kind. */
export const partText = (part: Part): string => (part.kind === "text" ? part.body.text : part.kind);

export const messageText = ({ parts }: Message): string => parts.map(partText).join("\n");
