import type { Part } from "../../core/model/content.ts";
import { cleanName } from "../../core/model/names.ts";
import type { EncodedEvent } from "../../core/ports/homeserver.ts";

type Of<K extends Part["kind"]> = Extract<Part, { kind: K }>;
type Content = EncodedEvent["content"];

/** The key of a contact's vCard in the event, for clients and bots that read it. */
const VCARD = "thirdpartychats.vcard";
const LARGEST_CARD = 16_384;
const MOST_LINES = 20;

/** Degrees with seven decimals (a centimetre), without an exponent. */
const degrees = (value: number): string => value.toFixed(7).replace(/\.?0+$/, "");

/** An `m.location` with MSC3488 beside it; the body has a link for clients that draw no map. */
export function locationContent({
  latitude,
  longitude,
  name,
}: Of<"location">): Content & { readonly body: string } {
  const [lat, long] = [degrees(latitude), degrees(longitude)];
  const uri = `geo:${lat},${long}`;
  const called = name === undefined ? "" : cleanName(name, "");
  const link = `https://www.openstreetmap.org/?mlat=${lat}&mlon=${long}#map=16/${lat}/${long}`;
  const body = `📍 ${called === "" ? `${lat}, ${long}` : called}\n${link}`;
  return {
    msgtype: "m.location",
    body,
    geo_uri: uri,
    "org.matrix.msc3488.location": { uri, ...(called === "" ? {} : { description: called }) },
    "org.matrix.msc3488.asset": { type: "m.pin" },
    "org.matrix.msc1767.text": body,
    "m.mentions": {},
  };
}

/** A text with the name, numbers and addresses; the vCard itself is under our own key. */
export function contactContent({ name, vcard }: Of<"contact">): Content {
  const lines = [`👤 ${cleanName(name, "Contact")}`, ...numbersAndAddresses(vcard)];
  return {
    msgtype: "m.text",
    body: lines.join("\n"),
    "m.mentions": {},
    ...(Buffer.byteLength(vcard) <= LARGEST_CARD ? { [VCARD]: vcard } : {}),
  };
}

/** Telephone numbers and mail addresses of a vCard (RFC 6350). */
function numbersAndAddresses(vcard: string): readonly string[] {
  const unfolded = vcard.slice(0, 65_536).replaceAll(/\r?\n[ \t]/g, "");
  const found = unfolded.split(/\r?\n/).flatMap((line) => {
    const colon = line.indexOf(":");
    const property = (line.slice(0, colon).split(";")[0] ?? "").replace(/^[^.]*\./, "").toUpperCase();
    if (colon < 1 || (property !== "TEL" && property !== "EMAIL")) return [];
    const value = cleanName(line.slice(colon + 1).replace(/^(?:tel|mailto):/i, ""), "");
    return value === "" ? [] : [value];
  });
  return [...new Set(found)].slice(0, MOST_LINES);
}
