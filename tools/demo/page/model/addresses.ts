/** A piece of a text: an address of the web, or what stands between two. */
export interface TextPiece {
  readonly text: string;
  readonly isAddress: boolean;
}

/** Up to a space or a quotation mark, without the punctuation of the sentence it stands in. */
const address = /https?:\/\/[^\s<>"“”]+[^\s<>"“”.,;:!?)\]'’]/gi;

/** The room that a link of matrix.to leads to (spec: matrix.to navigation); undefined where it is none to a room's id. */
export function roomIn(href: string): string | undefined {
  const [, room = ""] = /^https:\/\/matrix\.to\/#\/([^/?]+)(?:\?[^/]*)?$/.exec(href) ?? [];
  try {
    const id = decodeURIComponent(room);
    return id.startsWith("!") ? id : undefined;
  } catch {
    return undefined;
  }
}

/** A text in pieces; together they are the text. */
export function addressesIn(text: string): readonly TextPiece[] {
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(address)) {
    if (index > end) pieces.push({ text: text.slice(end, index), isAddress: false });
    pieces.push({ text: found, isAddress: true });
    end = index + found.length;
  }
  return end < text.length ? [...pieces, { text: text.slice(end), isAddress: false }] : pieces;
}
