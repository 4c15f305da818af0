import { plainText, type RichText, type Span } from "../../core/model/rich-text.ts";
import type { EncodedEvent } from "../../core/ports/homeserver.ts";
import { encodeMessageText } from "../../translate/message-text.ts";
import { fits, textContent } from "./encode-text.ts";

/** A quoted command; it begins with a small letter, a quoted name does not. */
const COMMAND = /“([a-z][^“”]{0,200})”/gu;
const BULLET = "• ";

/** The bot's own words as `m.text`, with lists and commands in HTML; the plain body is the words as they are. */
export function answerContent(words: string, most: number): EncodedEvent["content"] {
  const shown = { ...encodeMessageText({ style: "text", body: styled(words) }), body: words };
  return fits(shown, most) ? shown : textContent({ style: "text", body: plainText(words) }, most);
}

/** The words as rich text: list items and quoted commands become spans. */
function styled(words: string): RichText {
  const lines: string[] = [];
  const spans: Span[] = [];
  let start = 0;
  for (const line of words.split("\n")) {
    const isItem = line.startsWith(BULLET);
    const { text, commands } = unmarked(isItem ? line.slice(BULLET.length) : line);
    const end = start + text.length;
    if (isItem && text !== "") spans.push({ start, end, style: { kind: "bulletItem" } });
    for (const [from, to] of commands)
      spans.push({ start: start + from, end: start + to, style: { kind: "code" } });
    lines.push(text);
    start = end + 1;
  }
  return { text: lines.join("\n"), spans };
}

/** A line without the quotation marks round commands, and the ranges of the commands. */
function unmarked(line: string): {
  readonly text: string;
  readonly commands: readonly (readonly [number, number])[];
} {
  const commands: (readonly [number, number])[] = [];
  let text = "";
  let at = 0;
  for (const { 0: whole, 1: command = "", index } of line.matchAll(COMMAND)) {
    text += line.slice(at, index);
    commands.push([text.length, text.length + command.length]);
    text += command;
    at = index + whole.length;
  }
  return { text: text + line.slice(at), commands };
}
