import { useState } from "preact/hooks";
import { h, type View } from "../../../../src/page/web/dom.ts";
import { Sheet } from "../../../../src/sandbox/page/web/sheet.ts";
import { type DemoView, type PartName, partNames } from "../model/demo-state.ts";
import { turnPart } from "./link/demo-link.ts";
import { words } from "./words.ts";

const looks = { up: "good", starting: "warn", away: "bad" } as const;

interface PartSheetProps {
  readonly part: PartName;
  readonly view: DemoView;
  readonly onTurned: () => void;
  readonly onClose: () => void;
}

/** What a part is, with its switch. */
function PartSheet({ part, view, onTurned, onClose }: PartSheetProps): View {
  const [turning, setTurning] = useState(false);
  const [failed, setFailed] = useState(false);
  const state = view.parts[part];
  const act = state === "away" ? "start" : "kill";
  const turn = async (): Promise<void> => {
    setTurning(true);
    setFailed(false);
    try {
      await turnPart(part, act);
    } catch {
      setFailed(true);
    }
    setTurning(false);
    onTurned();
  };
  return h(
    Sheet,
    { title: words.parts.names[part], onClose },
    h("p", null, words.parts.says[part]),
    h("p", { role: "status" }, h("span", { class: `chip ${looks[state]}` }, words.parts.states[state])),
    h("p", { class: "small muted" }, words.parts.hint),
    failed && h("p", { class: "note bad", role: "alert" }, words.parts.failed),
    h(
      "button",
      {
        type: "button",
        class: act === "kill" ? "danger" : "primary",
        disabled: turning || state === "starting",
        "aria-busy": turning,
        onClick: () => void turn(),
      },
      turning ? words.parts.turning[act] : words.parts[act],
    ),
  );
}

/** How the demo's three processes are, each a button to what can be done with it. */
export function PartsBar({
  view,
  onTurned,
}: {
  readonly view: DemoView;
  readonly onTurned: () => void;
}): View {
  const [open, setOpen] = useState<PartName>();
  return h(
    "div",
    { class: "parts" },
    partNames.map((part) => {
      const state = view.parts[part];
      return h(
        "button",
        { key: part, type: "button", class: `chip ${looks[state]}`, onClick: () => setOpen(part) },
        h("span", { class: "unseen" }, `${words.parts.states[state]}: `),
        words.parts.names[part],
        state !== "up" && h("span", { "aria-hidden": "true" }, words.parts.states[state]),
      );
    }),
    open && h(PartSheet, { part: open, view, onTurned, onClose: () => setOpen(undefined) }),
  );
}
