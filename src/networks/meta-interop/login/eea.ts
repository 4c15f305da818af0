/**
 * ISO 3166-1 alpha-2 codes of the European Economic Area: EU member states with what of them has a code of its own,
 * Iceland, Liechtenstein and Norway. EU and EZ are exceptional reservations of that standard.
 */
const EEA: ReadonlySet<string> = new Set(
  (
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO " +
    "AX GF GP MF MQ RE YT EA IC EU EZ"
  ).split(" "),
);

/** Codes that the platform has names for, but that are no country's. */
const NOT_COUNTRIES: ReadonlySet<string> = new Set(["QO", "UN", "XA", "XB", "ZZ"]);

/** The EEA's official languages, in which people may write the name of a country. */
const LANGUAGES = "en de fr nl es it pt pl sv da fi cs sk sl hr hu ro bg el et lv lt mt ga is nb nn".split(
  " ",
);

const OTHER_NAMES: readonly (readonly [string, string])[] = [
  ["eea", "EU"],
  ["el", "GR"],
  ["czech republic", "CZ"],
  ["holland", "NL"],
  ["uk", "GB"],
  ["usa", "US"],
  ["england", "GB"],
];

let codesByName: ReadonlyMap<string, string> | undefined;

/** Whether what a person typed names a country of the EEA; undefined where it names no country we know. */
export function inEea(typed: string): boolean | undefined {
  codesByName ??= countryCodes();
  const word = typed.normalize("NFC").trim().toLowerCase().replace(/^the /, "").replace(/[.!]$/, "");
  const code = codesByName.get(word);
  return code === undefined ? undefined : EEA.has(code);
}

/** The current code by each lower-case code and name. */
function countryCodes(): ReadonlyMap<string, string> {
  const named = new Map<string, string>();
  const languages = LANGUAGES.map(
    (language) => new Intl.DisplayNames([language], { type: "region", fallback: "none" }),
  );
  for (const code of codes()) {
    const now = new Intl.Locale(`und-${code}`).region ?? code;
    if (languages[0]?.of(code) === undefined || NOT_COUNTRIES.has(now)) continue;
    const own = languages.map((language) => language.of(code)?.normalize("NFC").toLowerCase());
    for (const name of [code.toLowerCase(), ...own]) if (name !== undefined) named.set(name, now);
  }
  for (const [name, code] of OTHER_NAMES) named.set(name, code);
  return named;
}

function codes(): readonly string[] {
  const letters = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  return letters.flatMap((first) => letters.map((second) => first + second));
}
