import { h, type View } from "./dom.ts";

interface FaceProps {
  readonly name: string;
  /** The address of a picture. */
  readonly picture?: string | undefined;
  readonly mark?: string;
}

/** A picture, or initials instead, with the mark of a network or `3rd` at the corner. */
export function Face({ name, picture, mark }: FaceProps): View {
  const letters = name
    .replace(/^[^\p{L}\p{N}]+/u, "")
    .split(/[\s.:_-]+/u)
    .filter((part) => part !== "");
  const [first = "?", second = ""] = letters.map((part) => String.fromCodePoint(part.codePointAt(0) ?? 63));
  return h(
    "span",
    { class: "face", "aria-hidden": "true", ...(mark === undefined ? {} : { "data-net": mark }) },
    picture === undefined ? (first + second).toUpperCase() : h("img", { src: picture, alt: "" }),
  );
}
