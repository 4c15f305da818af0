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
  const [isBusy, setBusy] = useState(false);
  const under = useRef(false);
  const press = async (): Promise<void> => {
    // It stays focusable while it works, so that the keyboard does not lose its place.
    if (under.current || disabled === true) return;
    under.current = true;
    setBusy(true);
    try {
      await act();
    } finally {
      under.current = false;
      setBusy(false);
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
