/** The longest id in bytes of UTF-8; the profile's peers make ids of up to 36. */
const LONGEST_ID = 256;

/**
 * A stanza's or message's id; undefined where it is empty, too long, or has control characters or half a surrogate
 * pair.
 */
export function usableId(id: string | undefined): string | undefined {
  if (id === undefined || id === "" || id.length > LONGEST_ID) return undefined;
  return Buffer.byteLength(id) <= LONGEST_ID && id.isWellFormed() && !/\p{Cc}/u.test(id) ? id : undefined;
}

/** An attribute as a whole number that is not negative, at most `most`; undefined for anything else. */
export function wholeNumber(text: string | undefined, most: number): number | undefined {
  return text !== undefined && /^\d{1,300}$/.test(text) ? Math.min(most, Number(text)) : undefined;
}

/** The code of an error; 500 where it has none. */
export const errorCode = (text: string | undefined): number => wholeNumber(text, 999) || 500;
