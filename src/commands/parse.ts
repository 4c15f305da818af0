import { cutText } from "../core/model/cut-text.ts";

/** UTF-16 units; no command is longer, and bringing text into one form can take quadratic time. */
const LONGEST = 1_024;

/** As the bot's answers show commands, and people copy them from there. */
const QUOTED = /^(?:“([^“”]*)”|"([^"]*)"|`([^`]*)`)[.!]?$/u;

/** What stands behind the first word, as it was written. */
export const behindCommand = (text: string): string => text.trim().replace(/^\S+\s*/u, "");

/**
 * A line as a command: its first word in lower case, without a leading `!` or `/` or a stop behind it, and the words
 * after it. Marks around the whole are not part of it.
 */
export function parseCommand(text: string): { readonly name: string; readonly words: readonly string[] } {
  const line = cutText(text, LONGEST).normalize("NFC").trim();
  const [, curly, straight, code] = QUOTED.exec(line) ?? [];
  const [first = "", ...words] = (curly ?? straight ?? code ?? line).trim().split(/\s+/u);
  return { name: first.replace(/^[!/]|[.,!]+$/gu, "").toLowerCase(), words };
}
