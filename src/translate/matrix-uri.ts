import type { UserId } from "../core/model/ids.ts";

/** The target of a matrix.to link or `matrix:` URI: a user, or else a page on matrix.to. */
export type MatrixTarget =
  | { readonly kind: "user"; readonly user: UserId }
  | { readonly kind: "page"; readonly href: string };

const matrixTo = /^https?:\/\/matrix\.to\/#\/([^?]*)/i;
const matrixScheme = /^matrix:\/{0,2}(u|user|r|room|roomid)\/([^/?#]+)(?:\/(?:e|event)\/([^/?#]+))?/i;
const userId = /^@[!-9;-~]*:[A-Za-z0-9.:[\]-]+$/;

/** Reads an address (spec, appendices: matrix.to navigation, Matrix URI scheme); undefined where it is not Matrix's. */
export function matrixTarget(href: string): MatrixTarget | undefined {
  const page = matrixTo.exec(href);
  if (page !== null) {
    const id = decoded(page[1] ?? "");
    return id !== undefined && isUserId(id) ? { kind: "user", user: id } : { kind: "page", href };
  }
  const uri = matrixScheme.exec(href);
  if (uri === null) return undefined;
  const [, type = "", rawId = "", rawEvent] = uri;
  const id = decoded(rawId);
  if (id === undefined) return undefined;
  if (type.toLowerCase().startsWith("u")) {
    const user = `@${id}`;
    return isUserId(user) ? { kind: "user", user } : undefined;
  }
  const sigil = type.toLowerCase() === "roomid" ? "!" : "#";
  const event = rawEvent === undefined ? "" : `/${encodeURIComponent(`$${decoded(rawEvent) ?? ""}`)}`;
  return { kind: "page", href: `https://matrix.to/#/${encodeURIComponent(`${sigil}${id}`)}${event}` };
}

export function isUserId(text: string): text is UserId {
  return text.length <= 255 && userId.test(text);
}

/** The link that clients show as a pill. */
export function userLink(user: UserId): string {
  return `https://matrix.to/#/${encodeURIComponent(user).replaceAll("%40", "@").replaceAll("%3A", ":")}`;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part).toWellFormed();
  } catch {
    return undefined;
  }
}
