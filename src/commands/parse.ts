import { cutText } from "../core/model/cut-text.ts";

/** The longest command in UTF-16 units; normalising longer text can take quadratic time. */
const LONGEST_COMMAND = 1_024;

/** A command in quotation marks, as the bot's answers show it and people copy it. */
const QUOTED = /^(?:“([^“”]*)”|"([^"]*)"|`([^`]*)`)[.!]?$/u;

/** The text after the first word, as it was written. */
export const afterCommand = (text: string): string => text.trim().replace(/^\S+\s*/u, "");

/**
 * Reads a line as a command: its first word in lower case, without a leading `!` or `/` or punctuation after it, and
 * the words after that. Marks around the whole line are dropped.
 */
export function parseCommand(text: string): { readonly name: string; readonly words: readonly string[] } {
  const line = cutText(text, LONGEST_COMMAND).normalize("NFC").trim();
  const [, curly, straight, code] = QUOTED.exec(line) ?? [];
  const [first = "", ...words] = (curly ?? straight ?? code ?? line).trim().split(/\s+/u);
  return { name: first.replace(/^[!/]|[.,!]+$/gu, "").toLowerCase(), words };
}
