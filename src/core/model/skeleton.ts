/**
 * Letters that look like Latin ones in most fonts, a row for each (after UTS #39, of which these are the ones that a
 * name of Latin letters can be imitated with).
 */
const LOOKALIKES: readonly (readonly [string, string])[] = [
  ["a", "аαɑᴀꭺ"],
  ["b", "ьвʙᖯ"],
  ["c", "сϲᴄⲥ"],
  ["d", "ԁɗᑯ"],
  ["e", "еєҽℯꬲᴇε"],
  ["f", "ꬵẝϝ"],
  ["g", "ɡցɢԍ"],
  ["h", "һհнʜᏂ"],
  ["k", "кκᴋ"],
  ["l", "iіıιɩ1|ӏǀɪʟⅼⵏן⍳ᛁjј"],
  ["m", "мᴍ"],
  ["n", "пոռɴη"],
  ["o", "0оοօσᴏ๐೦ഠ"],
  ["p", "рρᴘ"],
  ["q", "ԛգզ"],
  ["r", "гᴦꭇʀ"],
  ["s", "ѕꜱƽ"],
  ["t", "тτᴛ"],
  ["u", "υսᴜꭎ"],
  ["v", "νѵᴠⅴ"],
  ["w", "ԝѡաɯᴡω"],
  ["x", "хχ×"],
  ["y", "уγүʏỿ"],
  ["z", "ᴢʐ"],
  ["(", "[{<"],
  [")", "]}>"],
  ["-", "‐‑‒–—―−"],
];
const looksLike = new Map(LOOKALIKES.flatMap(([plain, row]) => Array.from(row, (other) => [other, plain])));
const OPENING = /\p{Ps}/u;
const CLOSING = /\p{Pe}/u;
const NOTHING_TO_SEE = /[\p{M}\p{DI}\s]/gu;

/**
 * What a text looks like, spaces and marks aside: texts with the same skeleton can be taken for one another. The
 * skeleton of a text is those of its code points, one after the other.
 */
export function skeletonOf(text: string): string {
  const plain = text.normalize("NFKD").replace(NOTHING_TO_SEE, "").toLowerCase();
  let skeleton = "";
  for (const point of plain) {
    const alike = looksLike.get(point) ?? point;
    skeleton += OPENING.test(alike) ? "(" : CLOSING.test(alike) ? ")" : alike;
  }
  return skeleton;
}

/** The words of a text by their look, without what stands between and around them. */
export const wordsAlike = (text: string): string => skeletonOf(text).replace(/[^\p{L}\p{N}]/gu, "");
