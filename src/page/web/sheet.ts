import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { h, type View } from "./dom.ts";
import { Icon } from "./icon.ts";

/** Something to answer before one goes on: a native dialog, so that focus stays in it and Escape closes it. */
export function Sheet(props: {
  readonly title: string;
  /** What its closing button is called. */
  readonly close: string;
  readonly onClose: () => void;
  readonly children?: ComponentChildren;
}): View {
  const { title, close, onClose, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    // Where its own button closes it, the keyboard goes on where it was opened, unless it was led elsewhere.
    return () => {
      const { activeElement } = document;
      const isLost = activeElement === null || activeElement === document.body;
      if (isLost && opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return h(
    "dialog",
    {
      ref: dialog,
      class: "sheet",
      "aria-label": title,
      onClose,
      onClick: (event: MouseEvent) => {
        if (event.target === dialog.current) onClose();
      },
    },
    h(
      "div",
      { class: "sheet-body" },
      h(
        "header",
        { class: "sheet-head" },
        h("h2", null, title),
        h(
          "button",
          { class: "icon-button", type: "button", "aria-label": close, onClick: onClose },
          h(Icon, { name: "close" }),
        ),
      ),
      children,
    ),
  );
}
