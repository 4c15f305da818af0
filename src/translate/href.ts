import { matrixTarget } from "./matrix-uri.ts";

/** The schemes that an `a` may have (spec: m.room.message `formatted_body`). */
const scheme = /^(?:https?|ftp|mailto|magnet):./i;
const MAX_LENGTH = 4096;
const invisible = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/**
 * The address as it may stand in a link, or undefined for one that may not: other schemes, relative ones, and
 * addresses of Matrix users, which clients would show as a mention that nobody made.
 */
export function safeHref(href: string): string | undefined {
  if (href.length > MAX_LENGTH) return undefined;
  const clean = href.replaceAll(invisible, "").trim().replaceAll(/\s/g, "%20");
  if (!scheme.test(clean)) return undefined;
  return matrixTarget(clean)?.kind === "user" ? undefined : clean;
}
