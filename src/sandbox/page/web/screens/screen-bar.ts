import type { ComponentChildren } from "preact";
import { h, type View } from "../../../../page/web/dom.ts";
import { Icon } from "../../../../page/web/icon.ts";
import { hashOf, type Route } from "../route.ts";
import { words } from "../words.ts";

/** The head of a screen of the phone: the way back, the title, and what else there is to do. */
export function ScreenBar(props: {
  readonly title: string;
  readonly under?: string | undefined;
  readonly back?: Route;
  readonly face?: View;
  readonly children?: ComponentChildren;
}): View {
  const { title, under, back, face, children } = props;
  return h(
    "header",
    { class: "bar" },
    back &&
      h(
        "a",
        { class: "icon-button", href: hashOf(back), "aria-label": words.page.back },
        h(Icon, { name: "back" }),
      ),
    face,
    h("div", { class: "bar-title" }, h("h2", null, title), under && h("p", { class: "small muted" }, under)),
    children,
  );
}
