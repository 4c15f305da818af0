import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { h, type View } from "../../../../src/page/web/dom.ts";
import { words } from "./words.ts";

const tabs = ["client", "phone"] as const;
type Tab = (typeof tabs)[number];

/** Whether the two ends do not fit beside each other. */
export function useNarrow(): boolean {
  const query = useMemo(() => matchMedia("(max-width: 999px)"), []);
  const [narrow, setNarrow] = useState(query.matches);
  useEffect(() => {
    const changed = (): void => setNarrow(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, [query]);
  return narrow;
}

interface TabsProps {
  readonly tab: Tab;
  readonly names: Readonly<Record<Tab, string>>;
  /** Where something has come that nobody has looked at. */
  readonly news: Readonly<Record<Tab, boolean>>;
  readonly onChoose: (tab: Tab) => void;
}

/** Where the page is narrow: one end at a time, with a dot at the other when something is new there. */
export function Tabs({ tab, names, news, onChoose }: TabsProps): View {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = tab === "client" ? "phone" : "client";
    onChoose(other);
    list.current?.querySelectorAll("button")[tabs.indexOf(other)]?.focus();
  };
  return h(
    "div",
    { class: "ends", role: "group", "aria-label": words.page.tabs, ref: list, onKeyDown },
    tabs.map((one) =>
      h(
        "button",
        { key: one, type: "button", "aria-pressed": one === tab, onClick: () => onChoose(one) },
        names[one],
        one !== tab &&
          news[one] && [h("span", { class: "dot" }), h("span", { class: "unseen" }, words.page.isNew)],
      ),
    ),
  );
}
