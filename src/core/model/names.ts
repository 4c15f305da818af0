import { cutText } from "./cut-text.ts";
import { visibleText } from "./visible-text.ts";

/** The longest name in UTF-16 units. */
export const LONGEST_NAME = 100;
/** The most UTF-16 units of a name that are looked at; normalising a longer one can take quadratic time. */
const LOOKED_AT = 1_024;

/** A contact's name as it may be shown: one line of visible text, or the fallback where nothing is left. */
export function cleanName(name: string, fallback: string): string {
  const clean = visibleText(cutText(name, LOOKED_AT));
  return clean === "" ? fallback : cutText(clean, LONGEST_NAME).trimEnd();
}

/** The longest topic in UTF-16 units. */
export const LONGEST_TOPIC = 2_048;

/** A group's topic, in lines of visible text. */
export function cleanTopic(topic: string): string {
  const lines = cutText(topic, LONGEST_TOPIC).split(/\r?\n/);
  return lines
    .map((line) => visibleText(cutText(line, LOOKED_AT)))
    .join("\n")
    .trim();
}

const LONGEST_FILE_NAME = 120;
const LONGEST_ENDING = 16;
/** Characters with a meaning in file systems. */
const RESERVED = /[<>:"|?*]/g;

/**
 * A file's name as it may be shown and saved: the last component of a path, in visible characters, its ending
 * kept where it is too long; undefined where nothing is left of it.
 */
export function cleanFileName(name: string): string | undefined {
  const last =
    name
      .slice(-LOOKED_AT)
      .split(/[/\\]/)
      .findLast((part) => part.trim() !== "") ?? "";
  const clean = visibleText(last).replace(RESERVED, "_");
  const named = clean
    .trim()
    .replace(/^\.+/, "")
    .replace(/[. ]+$/, "");
  if (named === "") return undefined;
  if (named.length <= LONGEST_FILE_NAME) return named;
  const dot = named.lastIndexOf(".");
  const ending = dot > 0 && named.length - dot <= LONGEST_ENDING ? named.slice(dot) : "";
  return cutText(named, LONGEST_FILE_NAME - ending.length) + ending;
}
