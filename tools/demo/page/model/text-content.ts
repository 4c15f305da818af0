type Content = Readonly<Record<string, unknown>>;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const tags = { "**": "strong", "*": "em", _: "em", "~~": "del" } as const;
const marked =
  /`(?<code>[^`\n]+)`|(?<![\p{L}\p{N}])(?<mark>\*\*|~~|\*|_)(?=\S)(?<inner>[^\n]*?\S)\k<mark>(?![\p{L}\p{N}])/u;

/** Longer texts go out as they are. */
const most = 4000;

/** The HTML of the usual marks: **bold**, *slanted* or _slanted_, ~~struck~~, `code`. */
function inline(text: string): string {
  const found = marked.exec(text);
  if (found === null) return escaped(text);
  const { code, mark, inner = "" } = found.groups ?? {};
  const tag = tags[mark as keyof typeof tags];
  const span = code === undefined ? `<${tag}>${inline(inner)}</${tag}>` : `<code>${escaped(code)}</code>`;
  return escaped(text.slice(0, found.index)) + span + inline(text.slice(found.index + found[0].length));
}

/** The text alone, where it was written with these marks. */
export function withoutMarks(text: string): string {
  const found = text.length > most ? null : marked.exec(text);
  if (found === null) return text;
  const { code, inner = "" } = found.groups ?? {};
  const rest = text.slice(found.index + found[0].length);
  return text.slice(0, found.index) + (code ?? withoutMarks(inner)) + withoutMarks(rest);
}

/** The content of a text message. */
export function textContent(text: string): Content {
  const plain = { msgtype: "m.text", body: text };
  if (text.length > most || !marked.test(text)) return plain;
  const html = inline(text).replaceAll("\n", "<br>");
  return { ...plain, format: "org.matrix.custom.html", formatted_body: html };
}
