import type { Found, NameOf } from "../../config/problems.ts";
import { SHARED, type SharedSection } from "./config.ts";

const IDENTIFIERS = [...SHARED, "identifiers"];
const IDENTIFIER = [...SHARED, "partner", "identifier"];

/** The Matrix id; its group is the server's name. */
const userId = /^@[^:\s]+:(\S+)$/;
const forms = {
  username: undefined,
  email: { like: /^[^\s@]+@[^\s@]+$/, words: "an e-mail address" },
  pn: { like: /^\+[1-9]\d{6,14}$/, words: "a phone number like +31612345678" },
} as const;

/**
 * Finds identifiers that contradict other values: of another server's user, not of the configured type, or given to two
 * users.
 */
export function contradictions(
  { partner, identifiers }: SharedSection,
  { serverName, nameOf }: { readonly serverName: string; readonly nameOf: NameOf },
): readonly Found[] {
  const all = Object.entries(identifiers);
  const found = (
    which: readonly (readonly [user: string, value: string])[],
    words: string,
  ): readonly Found[] => which.map(([user]) => ({ path: [...IDENTIFIERS, user], words }));
  const form = forms[partner.identifier];
  return [
    ...found(
      all.filter(([user]) => userId.exec(user)?.[1] !== serverName),
      `is not a Matrix id of ${serverName}.`,
    ),
    ...found(
      all.filter(([, value]) => form !== undefined && !form.like.test(value)),
      `is not ${form?.words}, which ${nameOf(IDENTIFIER)} asks for.`,
    ),
    ...found(
      all.filter(([, value], index) => all.findIndex(([, other]) => other === value) !== index),
      "has the value of another user; each needs their own.",
    ),
  ];
}
