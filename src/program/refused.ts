import { BridgeError } from "../core/model/errors.ts";

/** What somebody gave and cannot be used, in words for whoever gave it. */
export const refused = (words: string, cause?: unknown): BridgeError =>
  new BridgeError("bad-input", { words, certain: true, cause });
