/** The scripts whose letters are drawn; a name in another one gets a shape. */
const DRAWN =
  /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\p{Script=Hebrew}]$/u;
const LETTER = /^\p{L}$/u;
const WORD = /[\p{L}\p{N}]+/gu;

/** The first letters of a name's first and last word, in capitals; undefined where they are of no script that is drawn. */
export function initialsOf(name: string): string | undefined {
  const words = name.normalize("NFC").match(WORD) ?? [];
  const [first, last] = [words[0], words.length > 1 ? words.at(-1) : undefined];
  const letters = [first, last].flatMap((word) => (word === undefined ? [] : [initial(word)]));
  return letters.length > 0 && letters.every((letter) => DRAWN.test(letter) && LETTER.test(letter))
    ? letters.join("")
    : undefined;
}

function initial(word: string): string {
  const [first = ""] = word;
  const upper = first.toLocaleUpperCase("en");
  // Letters such as “ß” become two in upper case, and stay as they are.
  return upper.length === first.length ? upper : first;
}
