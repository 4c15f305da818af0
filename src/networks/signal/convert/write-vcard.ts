import type { ContactAddress, ContactCard, ContactValue } from "../wire/data-message.ts";

const TYPES: Readonly<Record<ContactValue["type"] | ContactAddress["type"], string>> = {
  home: "home",
  work: "work",
  mobile: "cell",
  custom: "other",
};
/** Bytes of a line before it is folded (RFC 6350 section 3.2); each next one begins with a space. */
const LINE = 75;

/** What a card is called: its person, else what it has. */
export function nameOfCard({ name, organization, phones, emails }: ContactCard): string {
  const parts = [name.prefix, name.given, name.middle, name.family, name.suffix];
  const whole = parts.filter((part) => part !== undefined).join(" ");
  const others = [whole, name.nickname, organization, phones[0]?.value, emails[0]?.value];
  return others.find((other) => other !== undefined && other.trim() !== "") ?? "A contact without a name";
}

/** The card as RFC 6350 has it. */
export function writeVcard(card: ContactCard): string {
  const { name, phones, emails, addresses, organization } = card;
  const parts = [name.family, name.given, name.middle, name.prefix, name.suffix];
  const lines = [
    "BEGIN:VCARD",
    "VERSION:4.0",
    `FN:${escaped(nameOfCard(card))}`,
    `N:${parts.map((part) => escaped(part ?? "")).join(";")}`,
    ...(name.nickname === undefined ? [] : [`NICKNAME:${escaped(name.nickname)}`]),
    ...phones.map((phone) => `TEL;${typed(phone)}:${escaped(phone.value)}`),
    ...emails.map((email) => `EMAIL;${typed(email)}:${escaped(email.value)}`),
    ...addresses.map((address) => `ADR;${typed(address)}:${addressFields(address)}`),
    ...(organization === undefined ? [] : [`ORG:${escaped(organization)}`]),
    "END:VCARD",
  ];
  return `${lines.map(folded).join("\r\n")}\r\n`;
}

function addressFields(address: ContactAddress): string {
  const { pobox, neighborhood, street, city, region, postcode, country } = address;
  const fields = [pobox, neighborhood, street, city, region, postcode, country];
  return fields.map((field) => escaped(field ?? "")).join(";");
}

const typed = ({ type }: ContactValue | ContactAddress): string => `TYPE=${TYPES[type]}`;

const escaped = (text: string): string => text.replaceAll(/[\\,;]/g, "\\$&").replaceAll(/\r\n?|\n/g, "\\n");

function folded(line: string): string {
  let [out, size] = ["", 0];
  for (const character of line) {
    const bytes = Buffer.byteLength(character);
    if (size + bytes > LINE) [out, size] = [`${out}\r\n `, 1];
    out += character;
    size += bytes;
  }
  return out;
}
