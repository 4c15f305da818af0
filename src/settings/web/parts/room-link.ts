import type { Person } from "../state/person.ts";

/** A link that opens a room in the person's own client. */
export function roomLink(
  room: string,
  { facts }: Person,
): { readonly href: string; readonly target: string; readonly rel: string } {
  const via = encodeURIComponent(facts?.whoami.homeserver ?? "");
  return {
    href: `https://matrix.to/#/${encodeURIComponent(room)}?via=${via}`,
    target: "_blank",
    rel: "noreferrer",
  };
}
