/** A line as a command: its first word in lower case, without a leading `!` or `/`, and the words after it. */
export function parseCommand(text: string): { readonly name: string; readonly words: readonly string[] } {
  const [first = "", ...words] = text.normalize("NFC").trim().split(/\s+/u);
  return { name: first.replace(/^[!/]/u, "").toLowerCase(), words };
}
