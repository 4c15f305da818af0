import { systemCode } from "./system-code.ts";

/** Why a file could not be read, and what to do, in a sentence, by the system's code of the error. */
export function whyUnread(cause: unknown): string {
  const code = systemCode(cause) ?? "";
  switch (code) {
    case "ENOENT":
      return "It is not there.";
    case "EACCES":
    case "EPERM":
      return "It is there, but the user this runs as may not read it, or may not enter its folder: give that user permission with chown or chmod, or run this as the user it belongs to.";
    case "EISDIR":
      return "It is a folder; name a file.";
    case "ENOTDIR":
      return "Something on the way to it is a file, not a folder.";
    case "ELOOP":
      return "It is a link that leads nowhere.";
    default:
      return `The system says ${code || "nothing more"}.`;
  }
}

/** Why a file or folder could not be written, and what to do, in a sentence or two, by the system's code of the error. */
export function whyUnwritten(cause: unknown): string {
  const code = systemCode(cause) ?? "";
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return `Its disk is full (${code}): free some space there.`;
    case "ENOENT":
      return "Its folder is not there: make it.";
    case "EACCES":
    case "EPERM":
      return `The user this runs as may not write there (${code}): give that user the folder with chown, or name another.`;
    case "EROFS":
      return "Its disk is read-only: name a place on another.";
    case "EEXIST":
      return "Something else of that name is there already: name another.";
    case "EISDIR":
      return "It is a folder: name a file.";
    case "ENAMETOOLONG":
      return "Its name is too long: name another.";
    case "ELOOP":
      return "It is a link that leads nowhere.";
    case "ENOTDIR":
      return "Something on the way to it is a file, not a folder.";
    default:
      return `The system says ${code || "nothing more"}.`;
  }
}

export const isMissing = (cause: unknown): boolean => systemCode(cause) === "ENOENT";
