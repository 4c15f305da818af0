import type { ComponentChildren } from "preact";
import { h, type View } from "../../../../../src/page/web/dom.ts";
import { addressesIn, roomIn } from "../../model/addresses.ts";
import { hashOf, routeOf } from "../route.ts";

/** A link that leads out of this page, and tells nobody where from; to a room it stays here. */
export function outward(href: string, inside: ComponentChildren): View {
  const room = roomIn(href);
  if (room !== undefined)
    return h("a", { href: hashOf({ person: routeOf(location.hash).person, room }) }, inside);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, inside);
}

/** A text whose addresses can be followed. */
export const linkedText = (text: string): ComponentChildren =>
  addressesIn(text).map((piece) => (piece.isAddress ? outward(piece.text, piece.text) : piece.text));
