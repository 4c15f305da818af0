import type { InlineStyle } from "../core/model/rich-text.ts";

/** Elements whose content is dropped. `mx-reply` holds the quote of a reply's legacy fallback. */
export const droppedElements = new Set(
  "mx-reply script style title head iframe noembed noframes object template svg select textarea audio video canvas".split(
    " ",
  ),
);

export const voidElements = new Set(
  "area base br col embed frame hr img input link meta param source track wbr".split(" "),
);

/** Elements that start and end a line. `details`, tables and unknown layout become lines of text. */
export const blockElements = new Set(
  (
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form " +
    "h1 h2 h3 h4 h5 h6 header html li main nav ol p pre section summary table tbody td tfoot th thead tr ul"
  ).split(" "),
);

/** Elements that stand beside each other on one line. */
export const cellElements = new Set(["td", "th"]);

interface Closing {
  readonly names: readonly string[];
  readonly scopes: readonly string[];
}

/** By tag: the open elements that its start ends, unless an element of the scopes lies between. */
export const impliedEnds: ReadonlyMap<string, Closing> = new Map([
  ["a", { names: ["a"], scopes: [] }],
  ["li", { names: ["li"], scopes: ["ul", "ol"] }],
  ["dd", { names: ["dd", "dt"], scopes: ["dl"] }],
  ["dt", { names: ["dd", "dt"], scopes: ["dl"] }],
  ["td", { names: ["td", "th"], scopes: ["tr", "table"] }],
  ["th", { names: ["td", "th"], scopes: ["tr", "table"] }],
  ["tr", { names: ["tr"], scopes: ["table"] }],
]);

export const inlineStyles: ReadonlyMap<string, InlineStyle> = new Map([
  ["b", { kind: "bold" }],
  ["strong", { kind: "bold" }],
  ["i", { kind: "italic" }],
  ["em", { kind: "italic" }],
  ["u", { kind: "underline" }],
  ["ins", { kind: "underline" }],
  ["s", { kind: "strike" }],
  ["strike", { kind: "strike" }],
  ["del", { kind: "strike" }],
  ["code", { kind: "code" }],
  ["tt", { kind: "code" }],
]);
