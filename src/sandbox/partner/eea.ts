/** Calling codes of the European Economic Area; users elsewhere are refused at enlistment. */
const callingCodes =
  "30 31 32 33 34 351 352 353 354 356 357 358 359 36 370 371 372 385 386 39 40 420 421 423 43 45 46 47 48 49".split(
    " ",
  );
const countries = new Set(
  "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split(" "),
);

/** False when a token's country or phone number is outside the EEA; a token that states neither passes. */
export function inEea(claims: {
  readonly idt: string;
  readonly sub: string;
  readonly country?: string | undefined;
}) {
  if (claims.country !== undefined && !countries.has(claims.country.toUpperCase())) return false;
  return claims.idt !== "pn" || callingCodes.some((code) => claims.sub.startsWith(`+${code}`));
}
