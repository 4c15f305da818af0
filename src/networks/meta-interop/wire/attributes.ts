/** Bytes of UTF-8. The longest that the profile's peers make has 36. */
const LONGEST_ID = 256;

/** A stanza's or message's id; undefined where it is empty, too long, or has what no id has: control characters, half ones. */
export function usableId(id: string | undefined): string | undefined {
  if (id === undefined || id === "" || id.length > LONGEST_ID) return undefined;
  return Buffer.byteLength(id) <= LONGEST_ID && id.isWellFormed() && !/\p{Cc}/u.test(id) ? id : undefined;
}

/** A number of an attribute, whole and not negative, `most` where it is more; undefined for whatever else is there. */
export function wholeNumber(text: string | undefined, most: number): number | undefined {
  return text !== undefined && /^\d{1,300}$/.test(text) ? Math.min(most, Number(text)) : undefined;
}

/** The code of an error; 500 for one without. */
export const errorCode = (text: string | undefined): number => wholeNumber(text, 999) || 500;
