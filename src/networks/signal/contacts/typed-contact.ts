import type { PersonId } from "../../../core/model/ids.ts";
import { personOf } from "../ids.ts";
import { uuidFrom } from "../wire/service-id.ts";

/** What somebody typed to name a contact. */
export type TypedContact =
  | { readonly kind: "account"; readonly person: PersonId }
  /** `name.12`, as people are shown theirs. */
  | { readonly kind: "username"; readonly username: string }
  /** Of a link or QR code that leads to a username. */
  | { readonly kind: "link"; readonly entropy: Uint8Array<ArrayBuffer>; readonly uuid: string }
  /** E.164. */
  | { readonly kind: "number"; readonly number: string }
  /** A number without its country code, or a link that was cut off. */
  | { readonly kind: "unclear"; readonly what: "number" | "link" }
  | { readonly kind: "name"; readonly name: string };

/** Country codes do not begin with 0, and a number has 15 digits at most (ITU-T E.164). */
const E164 = /^\+[1-9]\d{5,14}$/;
const ENTROPY = 32;
const UUID = 16;

export function typedContact(query: string): TypedContact {
  const typed = query.trim();
  const person = personOf(typed);
  if (person !== undefined) return { kind: "account", person };
  const linked = /^(?:https|sgnl):\/\/signal\.me\/?#(eu|p)\/(.+)$/i.exec(typed);
  if (linked) return ofLink(linked[1]?.toLowerCase(), linked[2] ?? "") ?? { kind: "unclear", what: "link" };
  const number = typed.replace(/^00/, "+").replaceAll(/[\s().-]/g, "");
  if (E164.test(number)) return { kind: "number", number };
  if (/^\+?\d{6,20}$/.test(number)) return { kind: "unclear", what: "number" };
  const username = /^@?([a-z_][a-z0-9_]{2,31}\.\d{2,9})$/i.exec(typed)?.[1];
  return username === undefined ? { kind: "name", name: typed } : { kind: "username", username };
}

function ofLink(kind: string | undefined, rest: string): TypedContact | undefined {
  if (kind === "p") return E164.test(rest) ? { kind: "number", number: rest } : undefined;
  const bytes = Uint8Array.from(Buffer.from(rest, "base64url"));
  const uuid = uuidFrom(bytes.subarray(ENTROPY));
  if (bytes.length !== ENTROPY + UUID || uuid === undefined) return undefined;
  return { kind: "link", entropy: bytes.slice(0, ENTROPY), uuid };
}
