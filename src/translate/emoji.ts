const textStyle = "\ufe0e";
const emojiStyle = "\ufe0f";
const keycap = "\u20e3";
const skinTones = /\p{Emoji_Modifier}/gu;
const oneEmoji = /^\p{RGI_Emoji}$/v;
const needsEmojiStyle = /^\p{Emoji}$/u;
const drawnAsEmoji = /^\p{Emoji_Presentation}$/u;
const keycapBase = /^[0-9#*]$/;

/**
 * One form for the ways in which clients write an emoji: with U+FE0F where Unicode's
 * "fully-qualified" form has it (what m.reaction keys should have, spec "Event annotations and reactions"), and
 * nowhere else. Skin tones stay: they are other reactions. Text that is no single emoji is only trimmed.
 */
export function canonicalEmoji(emoji: string): string {
  const trimmed = emoji.trim();
  const points = Array.from(trimmed.replaceAll(textStyle, "").replaceAll(emojiStyle, ""));
  const qualified = points
    .map((point, index) => {
      const next = points[index + 1] ?? "";
      const styled = keycapBase.test(point)
        ? next === keycap
        : needsEmojiStyle.test(point) && !drawnAsEmoji.test(point) && !/^\p{Emoji_Modifier}$/u.test(next);
      return styled ? point + emojiStyle : point;
    })
    .join("");
  return oneEmoji.test(qualified) ? qualified : trimmed;
}

/** Whether a text is one emoji, in whichever of its forms. */
export const isEmoji = (text: string): boolean => oneEmoji.test(canonicalEmoji(text));

/** The emoji in its neutral colour, for networks and lists that know no skin tones. */
export function withoutSkinTone(emoji: string): string {
  return canonicalEmoji(emoji.replaceAll(skinTones, ""));
}

/** Whether two reactions are the same one; skin tones count. */
export function sameEmoji(a: string, b: string): boolean {
  return canonicalEmoji(a) === canonicalEmoji(b);
}
