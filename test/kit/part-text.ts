import type { Part } from "../../src/core/model/content.ts";

/** What a part says, or which kind of thing it is. */
export const partText = (part: Part): string => (part.kind === "text" ? part.body.text : part.kind);
