import { cutText } from "../../core/model/cut-text.ts";
import { cleanName } from "../../core/model/names.ts";
import { fieldOf } from "../http/json.ts";
import type { DecodedPart } from "./decode-media.ts";

/** A `geo:` URI (RFC 5870) as clients write it; altitude and parameters are left out. */
const GEO = /^geo:(-?\d{1,3}(?:\.\d{1,20})?),(-?\d{1,3}(?:\.\d{1,20})?)(?:,-?[\d.]{1,20})?(?:;|$)/i;

/** The place an `m.location` points to (spec, and MSC3488's richer form). */
export function decodeLocation(content: unknown): DecodedPart {
  const rich = fieldOf(content, "org.matrix.msc3488.location") ?? fieldOf(content, "m.location");
  const place = placeOf(fieldOf(content, "geo_uri")) ?? placeOf(fieldOf(rich, "uri"));
  if (place === undefined) return { kind: "unsupported", what: "a location without coordinates" };
  const name = nameOf(fieldOf(rich, "description")) ?? nameOf(fieldOf(content, "body"));
  return { kind: "part", part: { kind: "location", ...place, ...(name === undefined ? {} : { name }) } };
}

function placeOf(uri: unknown): { readonly latitude: number; readonly longitude: number } | undefined {
  const match = typeof uri === "string" ? GEO.exec(uri) : null;
  if (match === null) return undefined;
  const [latitude, longitude] = [Number(match[1]), Number(match[2])];
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : undefined;
}

/** The name of the place; undefined for a body that a client filled with the coordinates. */
function nameOf(value: unknown): string | undefined {
  if (typeof value !== "string" || /geo:|^\s*location\b/i.test(value)) return undefined;
  const name = cleanName(cutText(value, 1000), "");
  return name === "" ? undefined : name;
}
