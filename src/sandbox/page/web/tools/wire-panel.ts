import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import type { WireLine } from "../../model/wire.ts";
import { preciseTime } from "../phone-time.ts";
import { words } from "../words.ts";

const arrows = { to_bridge: "→", from_bridge: "←" } as const;

function row({ seq, at, user, direction, stanza, detail, id, size, fault }: WireLine): View {
  const hit = fault !== null;
  const what = hit ? words.tools.hit(fault, stanza) : `${stanza} ${detail}`;
  return h(
    "tr",
    { key: seq, class: hit ? "hit" : "" },
    h("td", null, preciseTime(at)),
    h(
      "td",
      null,
      h("span", { "aria-hidden": "true" }, arrows[direction]),
      h("span", { class: "unseen" }, words.tools.directions[direction]),
    ),
    h("td", null, what),
    h("td", null, size === null ? "" : `${size} B`),
    h("td", { class: "wide" }, id ?? ""),
    h("td", { class: "wide" }, user ?? ""),
  );
}

/** What went over the wire: direction, stanza, size, id; never what is in it. */
export function WirePanel({ lines }: { readonly lines: readonly WireLine[] }): View {
  const [held, setHeld] = useState<readonly WireLine[]>();
  const end = useRef<HTMLDivElement>(null);
  const shown = held ?? lines;
  useLayoutEffect(() => {
    const box = end.current?.closest(".scroll");
    if (held === undefined && box) box.scrollTop = box.scrollHeight;
  }, [shown]);
  return h(
    "div",
    { ref: end },
    h(
      "div",
      { class: "tool-bar" },
      h("p", { class: "small muted" }, lines.length === 0 ? words.tools.quiet : words.tools.wire),
      h(
        "button",
        {
          type: "button",
          class: "small",
          "aria-pressed": held !== undefined,
          onClick: () => setHeld(held === undefined ? lines : undefined),
        },
        words.tools.hold,
      ),
    ),
    h(
      "table",
      { class: "wire mono" },
      h(
        "thead",
        { class: "unseen" },
        h(
          "tr",
          null,
          words.tools.columns.map((name) => h("th", { scope: "col" }, name)),
        ),
      ),
      h("tbody", null, shown.map(row)),
    ),
  );
}
