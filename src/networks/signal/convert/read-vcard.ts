import type { ContactAddress, ContactCard, ContactValue } from "../wire/data-message.ts";
import { optional } from "../wire/fields.ts";

/** The most of a card that is read, in UTF-16 units, and of its numbers, addresses and so on of one kind. */
const LONGEST = 65_536;
const MOST = 20;

interface Property {
  readonly name: string;
  readonly types: readonly string[];
  readonly value: string;
}

/** A card of RFC 6350, or of vCard 3.0 or 2.1, as Signal has contacts. Never throws; what Signal has no place for is left out. */
export function readVcard(vcard: string, name: string): ContactCard {
  const properties = propertiesOf(vcard.slice(0, LONGEST));
  const first = (wanted: string) => properties.find((property) => property.name === wanted)?.value;
  const all = (wanted: string) => properties.filter((property) => property.name === wanted).slice(0, MOST);
  const [family, given, middle, prefix, suffix] = fieldsOf(first("N") ?? "");
  const shown = unescaped(first("FN") ?? "").trim() || name;
  const named = [family, given, middle, prefix, suffix].some((part) => part !== undefined && part !== "");
  return {
    name: {
      ...optional("given", named ? given : shown),
      ...optional("family", family),
      ...optional("middle", middle),
      ...optional("prefix", prefix),
      ...optional("suffix", suffix),
      ...optional("nickname", unescaped(first("NICKNAME") ?? "")),
    },
    phones: all("TEL").flatMap(valueOf),
    emails: all("EMAIL").flatMap(valueOf),
    addresses: all("ADR").flatMap(addressOf),
    ...optional("organization", fieldsOf(first("ORG") ?? "").join(", ")),
  };
}

function propertiesOf(vcard: string): readonly Property[] {
  const lines = vcard
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(/\n[ \t]/g, "")
    .split("\n");
  return lines.flatMap((line) => {
    // A colon in quotes belongs to a parameter.
    const colon = /^(?:[^":]|"[^"]*")*:/.exec(line)?.[0].length;
    if (colon === undefined) return [];
    const [name = "", ...parameters] = line.slice(0, colon - 1).split(";");
    const types = parameters.flatMap((parameter) =>
      parameter
        .replace(/^type=/i, "")
        .replaceAll('"', "")
        .toLowerCase()
        .split(","),
    );
    return [{ name: name.replace(/^.*\./, "").toUpperCase(), types, value: line.slice(colon) }];
  });
}

function valueOf({ types, value }: Property): ContactValue[] {
  const said = unescaped(value)
    .replace(/^(?:tel|mailto):/i, "")
    .trim();
  return said === "" ? [] : [{ value: said, type: typeOf(types) }];
}

function addressOf({ types, value }: Property): ContactAddress[] {
  const [pobox, neighborhood, street, city, region, postcode, country] = fieldsOf(value);
  const type = typeOf(types);
  const address = {
    ...optional("street", street),
    ...optional("pobox", pobox),
    ...optional("neighborhood", neighborhood),
    ...optional("city", city),
    ...optional("region", region),
    ...optional("postcode", postcode),
    ...optional("country", country),
  };
  if (Object.keys(address).length === 0) return [];
  return [{ type: type === "mobile" ? "custom" : type, ...address }];
}

function typeOf(types: readonly string[]): ContactValue["type"] {
  if (types.includes("cell") || types.includes("mobile")) return "mobile";
  if (types.includes("work")) return "work";
  return types.includes("home") ? "home" : "custom";
}

/** Of a value with several fields, `;` between them. */
const fieldsOf = (value: string): string[] =>
  Array.from(`;${value}`.matchAll(/;((?:[^\\;]|\\.)*)/g), ([, field = ""]) => unescaped(field).trim());

const unescaped = (value: string): string =>
  value.replaceAll(/\\([\\,;nN])/g, (_, sign: string) => (sign.toLowerCase() === "n" ? "\n" : sign));
