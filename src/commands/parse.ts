import { cutText } from "../core/cut-text.ts";

/** UTF-16 units; no command is longer, and bringing text into one form can take quadratic time. */
const LONGEST = 1_024;

/** A line as a command: its first word in lower case, without a leading `!` or `/`, and the words after it. */
export function parseCommand(text: string): { readonly name: string; readonly words: readonly string[] } {
  const [first = "", ...words] = cutText(text, LONGEST).normalize("NFC").trim().split(/\s+/u);
  return { name: first.replace(/^[!/]/u, "").toLowerCase(), words };
}
