import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";

interface CardProps {
  readonly title: string;
  /** Beside the title. */
  readonly beside?: ComponentChildren;
  /** One that came by what the person did: it is brought into sight, and has the focus. */
  readonly isCalled?: boolean;
  readonly class?: string;
  readonly children?: ComponentChildren;
}

/** Leads the keyboard from a card that goes to the next one. */
function leave(card: HTMLElement | null): void {
  if (card?.contains(document.activeElement) !== true) return;
  let next = card.nextElementSibling;
  while (next !== null && !next.matches(".card")) next = next.nextElementSibling;
  next?.querySelector<HTMLElement>(".card-head h2")?.focus();
}

/** One idea of the page. */
export function Card({ title, beside, isCalled, class: more = "", children }: CardProps): View {
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const hadFocus = useRef(false);
  const section = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const { current } = section;
    return () => leave(current);
  }, []);
  useLayoutEffect(() => {
    // What had the focus may be gone, as a message that was discarded: the keyboard goes on from its card.
    if (hadFocus.current && document.activeElement === document.body)
      heading.current?.focus({ preventScroll: true });
  });
  // Before it is seen: a key that is pressed at once is meant for it.
  useLayoutEffect(() => {
    if (isCalled !== true) return;
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: "nearest" });
  }, [isCalled, title]);
  return h(
    "section",
    {
      ref: section,
      class: `card ${more}`,
      "aria-labelledby": id,
      onFocusIn: () => (hadFocus.current = true),
      onFocusOut: ({ relatedTarget }: FocusEvent) => (hadFocus.current = relatedTarget === null),
    },
    h("div", { class: "card-head" }, h("h2", { id, ref: heading, tabIndex: -1 }, title), beside),
    children,
  );
}
