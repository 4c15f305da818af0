/** EU member states, Iceland, Liechtenstein and Norway: ISO 3166-1 alpha-2, with names people may type. */
const countries: Readonly<Record<string, readonly string[]>> = {
  at: ["austria", "österreich"],
  be: ["belgium", "belgië", "belgique"],
  bg: ["bulgaria"],
  hr: ["croatia", "hrvatska"],
  cy: ["cyprus"],
  cz: ["czechia", "czech republic", "česko"],
  dk: ["denmark", "danmark"],
  ee: ["estonia", "eesti"],
  fi: ["finland", "suomi"],
  fr: ["france"],
  de: ["germany", "deutschland"],
  gr: ["greece", "el"],
  hu: ["hungary", "magyarország"],
  ie: ["ireland"],
  it: ["italy", "italia"],
  lv: ["latvia", "latvija"],
  lt: ["lithuania", "lietuva"],
  lu: ["luxembourg"],
  mt: ["malta"],
  nl: ["netherlands", "the netherlands", "nederland", "holland"],
  pl: ["poland", "polska"],
  pt: ["portugal"],
  ro: ["romania", "românia"],
  sk: ["slovakia", "slovensko"],
  si: ["slovenia", "slovenija"],
  es: ["spain", "españa"],
  se: ["sweden", "sverige"],
  is: ["iceland", "ísland"],
  li: ["liechtenstein"],
  no: ["norway", "norge"],
};

/** Whether what a person typed names a country of the European Economic Area. Nothing finer is asked. */
export function inEea(typed: string): boolean {
  const word = typed.normalize("NFC").trim().toLowerCase();
  return Object.entries(countries).some(([code, names]) => code === word || names.includes(word));
}
