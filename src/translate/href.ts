import { matrixTarget } from "./matrix-uri.ts";

/** Spec, m.room.message "formatted_body": the schemes an `a` may have. */
const scheme = /^(?:https?|ftp|mailto|magnet):./i;
const MAX_LENGTH = 4096;
const dropped = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/**
 * The address as it may stand in a link, or undefined for one that may not: other schemes, relative ones, and
 * addresses of Matrix users, which clients would show as a mention that nobody made.
 */
export function safeHref(href: string): string | undefined {
  if (href.length > MAX_LENGTH) return undefined;
  const clean = href.replaceAll(dropped, "").trim().replaceAll(/\s/g, "%20");
  if (!scheme.test(clean)) return undefined;
  return matrixTarget(clean)?.kind === "user" ? undefined : clean;
}
