const LONGEST = 100;
/** Control, bidirectional, zero-width and other format characters, with which a name could pose as another. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u115f\u1160\u3164\uffa0]/gu;

/** A contact's name as it may be shown: one line of visible text, or the fallback where nothing is left. */
export function cleanName(name: string, fallback: string): string {
  const clean = name.normalize("NFC").replace(/\s+/gu, " ").replace(UNSEEN, "").trim();
  return clean === "" ? fallback : Array.from(clean).slice(0, LONGEST).join("");
}
