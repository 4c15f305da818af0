const LONGEST = 100;
/** Control, bidirectional, zero-width and other format characters, with which a name could pose as another. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u115f\u1160\u3164\uffa0]/gu;

/** A contact's name as it may be shown: one line of visible text, or the fallback where nothing is left. */
export function cleanName(name: string, fallback: string): string {
  const clean = name.normalize("NFC").replace(/\s+/gu, " ").replace(UNSEEN, "").trim();
  return clean === "" ? fallback : Array.from(clean).slice(0, LONGEST).join("");
}

const LONGEST_FILE_NAME = 120;
const LONGEST_ENDING = 16;
/** What file systems give a meaning. */
const RESERVED = /[<>:"|?*]/g;

/**
 * A file's name as it may be shown and saved: the last component of a path, in visible characters, its ending
 * kept where it is too long; undefined where nothing is left of it.
 */
export function cleanFileName(name: string): string | undefined {
  const last =
    name
      .slice(-4096)
      .split(/[/\\]/)
      .findLast((part) => part.trim() !== "") ?? "";
  const clean = last.normalize("NFC").replace(/\s+/gu, " ").replace(UNSEEN, "").replace(RESERVED, "_");
  const named = clean
    .trim()
    .replace(/^\.+/, "")
    .replace(/[. ]+$/, "");
  if (named === "") return undefined;
  const points = Array.from(named);
  if (points.length <= LONGEST_FILE_NAME) return named;
  const dot = points.lastIndexOf(".");
  const ending = dot > 0 && points.length - dot <= LONGEST_ENDING ? points.slice(dot) : [];
  return [...points.slice(0, LONGEST_FILE_NAME - ending.length), ...ending].join("");
}
