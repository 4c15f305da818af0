import { h, type View } from "../../../page/web/dom.ts";
import type { NetworkCard } from "../api/answers.ts";

/** The networks that the tokens have a colour for. */
const coloured = new Set(["whatsapp", "messenger", "signal"]);

const classOf = (network: string): string => (coloured.has(network) ? network : "");

/** A network: its letter in its colour. */
export const NetworkMark = ({ network }: { readonly network: Pick<NetworkCard, "id" | "name"> }): View =>
  h(
    "span",
    { class: `face ${classOf(network.id)}`, "aria-hidden": "true" },
    (network.name[0] ?? "?").toUpperCase(),
  );

/** What stands for a name without letters, such as one of emoji. */
const firstSign = (name: string): string =>
  new Intl.Segmenter().segment(name.trim())[Symbol.iterator]().next().value?.segment ?? "?";

/** Initials of somebody on a network, with its letter at the corner. */
export function PersonMark({
  name,
  network,
}: {
  readonly name: string;
  readonly network: Pick<NetworkCard, "id" | "name"> | undefined;
}): View {
  const letters = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const [first, last] = [letters[0], letters.length > 1 ? letters.at(-1) : undefined].map((part) =>
    part === undefined ? "" : String.fromCodePoint(part.codePointAt(0) ?? 63),
  );
  return h(
    "span",
    {
      class: `face ${classOf(network?.id ?? "")}`,
      "aria-hidden": "true",
      ...(network === undefined ? {} : { "data-net": (network.name[0] ?? "").toUpperCase() }),
    },
    `${first ?? ""}${last ?? ""}`.toUpperCase() || firstSign(name),
  );
}
