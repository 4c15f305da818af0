import { randomBytes } from "node:crypto";
import { BridgeError } from "../../core/model/errors.ts";
import { isMissing, whyUnread } from "../../core/model/unread-file.ts";
import { fieldOf } from "../http/json.ts";

/** A secret that cannot be guessed: 256 bits in base64url. */
export const token = (): string => randomBytes(32).toString("base64url");

/** The text as a regular expression that matches nothing else. */
export const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/** Whether a namespace covers the id. As in Synapse the expression matches from the id's start; a malformed one covers none. */
export function covers(namespaces: readonly { readonly regex: string }[], id: string): boolean {
  return namespaces.some(({ regex }) => {
    try {
      return new RegExp(`^(?:${regex})`).test(id);
    } catch {
      return false;
    }
  });
}

/** A registration file that cannot be used, in words for whoever runs the bridge. */
export const bad = (words: string, cause?: unknown): BridgeError =>
  new BridgeError("bad-input", { words, certain: true, cause });

export const isFolder = (path: string, cause?: unknown): BridgeError =>
  bad(`${path} is a folder; name a file.`, cause);

/** The error of a file that could not be read; `remedy` is added where it does not exist. */
export function unreadable(path: string, remedy: string, cause: unknown): BridgeError {
  if (fieldOf(cause, "code") === "EISDIR") return isFolder(path, cause);
  const absent = isMissing(cause);
  return bad(
    absent ? `${path} is not there. ${remedy}` : `${path} could not be read. ${whyUnread(cause)}`,
    cause,
  );
}
