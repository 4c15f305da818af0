import { h, type View } from "./dom.ts";

/** Initials instead of a picture, with the mark of a network or `3rd` at the corner. */
export function Face({ name, mark }: { readonly name: string; readonly mark?: string }): View {
  const letters = name
    .replace(/^[^\p{L}\p{N}]+/u, "")
    .split(/[\s.:_-]+/u)
    .filter((part) => part !== "");
  const [first = "?", second = ""] = letters.map((part) => String.fromCodePoint(part.codePointAt(0) ?? 63));
  return h(
    "span",
    { class: "face", "aria-hidden": "true", ...(mark === undefined ? {} : { "data-net": mark }) },
    (first + second).toUpperCase(),
  );
}
