/** A name as it is compared with what somebody types: in any case and width of its letters. */
export const foldedName = (name: string): string => name.normalize("NFKC").trim().toLowerCase();
