/** Each string in quotes, from each quotation mark on, as a line may also have single ones. */
const QUOTED = /(?=("(?:[^"\\\n]|\\.)*"))/g;

/** What a log says, as JSON or as text: as it is, and with its quoted strings as they were before they were escaped. */
export function readLog(text: string): string {
  const quoted = Array.from(text.matchAll(QUOTED), ([, string = ""]) => string);
  return [
    text,
    ...quoted.flatMap((string) => (string.includes("\\") ? readLog(unescaped(string)) : [])),
  ].join("\n");
}

function unescaped(string: string): string {
  try {
    return String(JSON.parse(string));
  } catch {
    return "";
  }
}
