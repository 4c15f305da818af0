import { createHash, timingSafeEqual } from "node:crypto";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Compares texts with a secret in constant time. */
export function secretMatcher(secret: string): (given: string) => boolean {
  const expected = digest(secret);
  return (given) => timingSafeEqual(digest(given), expected);
}

/**
 * Whether a request has the homeserver's token: as `Authorization: Bearer` or, from old homeservers, as
 * `access_token`; where both are given both must be right (spec: Authorization).
 */
export function authorize(
  matches: (given: string) => boolean,
  authorization: string | undefined,
  query: URLSearchParams,
): "ok" | "missing" | "wrong" {
  const bearer =
    authorization === undefined ? undefined : (/^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? "");
  const given = [...(bearer === undefined ? [] : [bearer]), ...query.getAll("access_token")];
  if (given.length === 0) return "missing";
  return given.map(matches).every(Boolean) ? "ok" : "wrong";
}
