import { BridgeError } from "../../core/model/errors.ts";
import { wordsFor } from "../faults.ts";

/** What one check found. */
export type Finding =
  | { readonly kind: "good"; readonly what: string }
  /** In order, and worth knowing. */
  | { readonly kind: "note"; readonly what: string }
  | {
      readonly kind: "bad";
      /** Where it is written: `config.yaml:12`, `registration.yaml` or an environment variable. */
      readonly where: string;
      /** What is. */
      readonly what: string;
      readonly cure: string;
    }
  /** Not tried, as something before it is not right. */
  | { readonly kind: "untried"; readonly what: string };

export const good = (what: string): Finding => ({ kind: "good", what });
export const note = (what: string): Finding => ({ kind: "note", what });
export const bad = (where: string, what: string, cure: string): Finding => ({
  kind: "bad",
  where,
  what,
  cure,
});
export const untried = (what: string): Finding => ({ kind: "untried", what });

/** Words whose first sentence says what is, and the others what to do. */
export function badWords(where: string, words: string): Finding {
  const [, what = words, cure = ""] = /^(.*?[.…])\s+(.*)$/s.exec(words) ?? [];
  return bad(where, what, cure);
}

/**
 * A failed check, in the words of its error, which may begin with the place that is shown beside them; `where` may
 * depend on the words.
 */
export function badError(where: string | ((words: string) => string), error: unknown): Finding {
  const words = error instanceof BridgeError ? error.words : wordsFor(error);
  const place = typeof where === "string" ? where : where(words);
  return badWords(place, words.startsWith(`${place}: `) ? words.slice(place.length + 2) : words);
}

/** As {@link badError}, of what the homeserver answered; where its words have no cure, with where to look. */
export function badAnswer(where: string | ((words: string) => string), error: unknown): Finding {
  const found = badError(where, error);
  if (found.kind !== "bad" || found.cure !== "") return found;
  return {
    ...found,
    cure: "See what the homeserver's log says of this moment, and that of the proxy before it, if there is one; then run this again.",
  };
}
