import type { ComponentChildren } from "preact";
import { h, type View } from "../../../page/web/dom.ts";
import { Sheet as PageSheet } from "../../../page/web/sheet.ts";
import { words } from "./words.ts";

/** A sheet in this page's words. */
export function Sheet(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children?: ComponentChildren;
}): View {
  return h(PageSheet, { ...props, close: words.page.close });
}
