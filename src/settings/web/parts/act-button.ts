import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";

interface ActButtonProps {
  readonly kind?: "primary" | "danger" | "danger solid";
  /** What it is called, where its text alone does not say it. */
  readonly label?: string;
  readonly act: () => Promise<unknown>;
  readonly disabled?: boolean;
  readonly submits?: boolean;
  readonly children?: ComponentChildren;
}

/** A button that shows that its act is under way, and cannot be pressed twice meanwhile. */
export function ActButton({ kind, label, act, disabled, submits, children }: ActButtonProps): View {
  // Where one button takes another's place, the page may keep the element: what the other began does not hold this one up.
  const name = label ?? (typeof children === "string" ? children : "");
  const [busy, setBusy] = useState<string>();
  const under = useRef<string>(undefined);
  const isBusy = busy === name;
  const press = async (): Promise<void> => {
    // It stays focusable while it works, so that the keyboard does not lose its place.
    if (under.current === name || disabled === true) return;
    under.current = name;
    setBusy(name);
    try {
      await act();
    } finally {
      if (under.current === name) {
        under.current = undefined;
        setBusy(undefined);
      }
    }
  };
  return h(
    "button",
    {
      type: submits === true ? "submit" : "button",
      class: [kind, isBusy && "busy"].filter(Boolean).join(" "),
      "aria-disabled": isBusy || disabled === true,
      ...(label === undefined ? {} : { "aria-label": label }),
      ...(submits === true ? {} : { onClick: () => void press() }),
    },
    children,
  );
}
