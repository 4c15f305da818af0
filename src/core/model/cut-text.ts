const characters = new Intl.Segmenter("en", { granularity: "grapheme" });

/** UTF-16 units looked at on either side of a cut; no character that people write is longer. */
const WINDOW = 64;
/** Flags pair up from the first of a row, which is looked for this far back. */
const LONGEST_ROW = 2_048;

/**
 * The last place at or before `at` (UTF-16 units) where a character ends, as people count characters: Unicode's
 * extended grapheme clusters. What is longer than any character is cut between code points. Takes constant time.
 */
export function endBefore(text: string, at: number): number {
  if (at <= 0) return 0;
  if (at >= text.length) return text.length;
  const [before, after] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  if (before < 0x80 && after < 0x80 && !(before === CR && after === LF)) return at;
  const start = windowStart(text, at);
  const segment = characters.segment(text.slice(start, at + WINDOW)).containing(at - start);
  const end = start + (segment?.index ?? 0);
  return at - end > WINDOW / 2 || (end === start && start > 0) ? wholePoint(text, at) : end;
}

/** The beginning of a text, of at most so many UTF-16 units, without half a character at its end. */
export function cutText(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, endBefore(text, most));
}

/** As {@link cutText}, with a sign where something is missing, which counts. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${cutText(text, most - 1).trimEnd()}…`;
}

const CR = 0x0d;
const LF = 0x0a;

function windowStart(text: string, at: number): number {
  let start = wholePoint(text, Math.max(0, at - WINDOW));
  const furthest = Math.max(0, start - LONGEST_ROW);
  while (start > furthest && isFlagLetter(text, start)) start -= 2;
  return start;
}

/** U+1F1E6 to U+1F1FF are letters that make flags two by two. */
function isFlagLetter(text: string, at: number): boolean {
  const low = text.charCodeAt(at + 1);
  return text.charCodeAt(at) === 0xd83c && low >= 0xdde6 && low <= 0xddff;
}

function wholePoint(text: string, at: number): number {
  const [high, low] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  return high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000 ? at - 1 : at;
}
