import { useEffect, useRef, useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { Icon } from "../../../../page/web/icon.ts";
import type { FaultInForce, WireLine } from "../../model/wire.ts";
import type { ActLog } from "../link/act-log.ts";
import { addressOf } from "../link/control-api.ts";
import type { ServedBy } from "../link/served-by.ts";
import { words } from "../words.ts";
import { ActsPanel } from "./acts-panel.ts";
import { FaultsPanel } from "./faults-panel.ts";
import { WirePanel } from "./wire-panel.ts";

type Tab = "faults" | "wire" | "curl";
const tabsOf: Readonly<Record<ServedBy, readonly [Tab, ...Tab[]]>> = {
  sandbox: ["faults", "wire", "curl"],
  signal: ["curl"],
};

/** Lines of the wire that are kept to be seen. */
const mostLines = 500;

/** The wire's log and the faults in force, live, where there is one. */
function useWire(thereIsOne: boolean): {
  readonly lines: readonly WireLine[];
  readonly faults: readonly FaultInForce[];
} {
  const [lines, setLines] = useState<readonly WireLine[]>([]);
  const [faults, setFaults] = useState<readonly FaultInForce[]>([]);
  useEffect(() => {
    if (!thereIsOne) return;
    let events: EventSource | undefined;
    const follow = (): void => {
      events?.close();
      // A browser has six connections to a host for all its tabs: one that nobody sees leaves its own to the others.
      if (document.visibilityState === "hidden") return;
      events = new EventSource(addressOf("/wire/events"));
      // Each connection tells the whole log first.
      events.addEventListener("open", () => setLines([]));
      events.addEventListener("wire", (event: MessageEvent<string>) => {
        const news = JSON.parse(event.data) as readonly WireLine[];
        setLines((before) => [...before, ...news].slice(-mostLines));
      });
      events.addEventListener("faults", (event: MessageEvent<string>) =>
        setFaults(JSON.parse(event.data) as readonly FaultInForce[]),
      );
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      events?.close();
    };
  }, [thereIsOne]);
  return { lines, faults };
}

interface ToolsProps {
  readonly log: ActLog;
  readonly person: string | undefined;
  readonly servedBy: ServedBy;
  /** On a small screen: in front of the phone. */
  readonly onClose: () => void;
}

/** For people who write checks: faults, the wire, and the `curl` line of each act. */
export function Tools({ log, person, servedBy, onClose }: ToolsProps): View {
  const tabs = tabsOf[servedBy];
  const [tab, setTab] = useState<Tab>(tabs[0]);
  const { lines, faults } = useWire(servedBy === "sandbox");
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (close.current?.checkVisibility() === true) close.current.focus();
  }, []);
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length] ?? tab;
    setTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  const button = (one: Tab): View =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${one}`,
        "aria-selected": one === tab,
        "aria-controls": "tool",
        tabIndex: one === tab ? 0 : -1,
        onClick: () => setTab(one),
      },
      words.tools.tabs[one],
      one === "faults" && faults.length > 0 && h("span", { class: "count" }, faults.length),
    );
  const panel = {
    faults: () => h(FaultsPanel, { log, person, faults }),
    wire: () => h(WirePanel, { lines }),
    curl: () => h(ActsPanel, { log }),
  }[tab];
  return h(
    "aside",
    {
      class: "tools",
      "aria-label": words.page.tools,
      onKeyDown: (event: KeyboardEvent) => {
        if (event.key === "Escape") onClose();
      },
    },
    h(
      "div",
      { class: "tools-head" },
      h(
        "div",
        { role: "tablist", class: "tabs", "aria-label": words.page.tools, onKeyDown: move },
        tabs.map(button),
      ),
      h(
        "button",
        {
          ref: close,
          type: "button",
          class: "icon-button tools-close",
          "aria-label": words.page.close,
          onClick: onClose,
        },
        h(Icon, { name: "close" }),
      ),
    ),
    h(
      "div",
      { role: "tabpanel", id: "tool", "aria-labelledby": `tab-${tab}`, class: "scroll tool", tabIndex: 0 },
      panel(),
    ),
  );
}
