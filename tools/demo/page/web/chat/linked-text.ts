import type { ComponentChildren } from "preact";
import { h, type View } from "../../../../../src/page/web/dom.ts";
import { addressesIn } from "../../model/addresses.ts";

/** A link that leads out of this page, and tells nobody where from. */
export const outward = (href: string, inside: ComponentChildren): View =>
  h("a", { href, target: "_blank", rel: "noopener noreferrer" }, inside);

/** A text whose addresses can be followed. */
export const linkedText = (text: string): ComponentChildren =>
  addressesIn(text).map((piece) => (piece.isAddress ? outward(piece.text, piece.text) : piece.text));
