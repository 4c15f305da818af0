/** Letters and marks of the scripts in which joiners change how a word is written. */
const JOINED = String.raw`[\p{scx=Arab}\p{scx=Syrc}\p{scx=Mand}\p{scx=Mong}\p{scx=Nkoo}\p{scx=Phag}\p{scx=Rohg}\p{scx=Adlm}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}\p{scx=Lana}\p{scx=Bali}\p{scx=Java}\p{scx=Cakm}]`;
const LETTER = String.raw`(?:(?=[\p{L}\p{M}])${JOINED})`;
const PICTURE = String.raw`\p{Extended_Pictographic}`;
/** Tags that name a region, as after the black flag of Scotland's (UTS #51, ED-14a). */
const TAGS = String.raw`[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{3,6}\u{E007F}`;

/** Invisible characters that change what is seen around them. */
const MEANT = [
  // Between the letters of such a script, and where a word of Malayalam or Sinhala ends in a half letter.
  String.raw`(?<=${LETTER})[\u200C\u200D](?=${LETTER})`,
  String.raw`(?<=[\u0D4D\u0DCA])\u200D`,
  // Several pictures that are one, a picture in colour or in black, a keycap, a region's flag.
  String.raw`(?<=${PICTURE}(?:\uFE0F|\p{Emoji_Modifier}|${TAGS})?)\u200D(?=${PICTURE})`,
  String.raw`(?<=${PICTURE})[\uFE0E\uFE0F]`,
  String.raw`(?<=[0-9#*])\uFE0F(?=\u20E3)`,
  String.raw`(?<=\u{1F3F4})${TAGS}`,
  // Another form of the same letter.
  String.raw`(?<=\p{Unified_Ideograph})[\uFE00-\uFE02\u{E0100}-\u{E01EF}]`,
  String.raw`(?<=\p{sc=Mong})[\u180B-\u180D\u180F]`,
  String.raw`(?<=[\p{sc=Mymr}\p{sc=Phag}])\uFE00`,
].join("|");
/** Controls, directions, fillers, blanks that count as letters, and what stands for no character. */
const UNSEEN = String.raw`[\p{DI}\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2800\u{1D159}]`;
const unmeant = new RegExp(`(${MEANT})|${UNSEEN}`, "gu");
const joinersInARow = /([\u200C\u200D])[\u200C\u200D]+/g;

/** More marks on one letter than any language puts there run over the lines around it. */
const sameMark = /(\p{M})\1+/gu;
const pileOfCommon = /((?:(?=\p{M})\p{sc=Zinh}){3})(?:(?=\p{M})\p{sc=Zinh})+/gu;
const pileOfAny = /(\p{M}{6})\p{M}+/gu;

/** One line of what can be seen, well formed: without characters that hide, turn the line round or pile up. */
export function visibleText(text: string): string {
  const line = text.normalize("NFC").replace(/\s+/gu, " ").replace(joinersInARow, "$1");
  return (
    line
      .replace(unmeant, "$1")
      // What stood between a letter and its mark is gone.
      .normalize("NFC")
      .replace(sameMark, "$1")
      .replace(pileOfCommon, "$1")
      .replace(pileOfAny, "$1")
      .replace(/ {2,}/g, " ")
      // A joiner that was between a mark and a letter joins nothing any more.
      .replace(/^[\p{M} \u200C\u200D]+/u, "")
      .trimEnd()
  );
}
