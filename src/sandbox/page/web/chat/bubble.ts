import type { ComponentChildren } from "preact";
import { h, type View } from "../../../../page/web/dom.ts";
import { Icon } from "../../../../page/web/icon.ts";
import type { Message } from "../../model/phone.ts";
import { timeOf } from "../phone-time.ts";
import { words } from "../words.ts";
import { rendered } from "./markup.ts";
import { nameOf, summaryOf } from "./summary.ts";
import { Tick, type TickState } from "./tick.ts";

function quote(answered: Message | undefined): View {
  if (answered === undefined) return h("span", { class: "quote" }, words.chat.elsewhere);
  return h(
    "span",
    { class: "quote" },
    h("b", null, nameOf(answered.item)),
    h("br", null),
    rendered(summaryOf(answered)),
  );
}

export interface BubbleProps {
  readonly message: Message;
  /** What the message answers, where it is here; null when the message answers nothing. */
  readonly answered: Message | undefined | null;
  /** Who wrote it, where that is not clear from the chat. */
  readonly sender?: string | undefined;
  readonly tick?: TickState | undefined;
  readonly children?: ComponentChildren;
  readonly after?: ComponentChildren;
  /** Shows what one can do with the message. */
  readonly onActs?: () => void;
}

/** One message: what it answers, its content, its time, its ticks, its reactions. */
export function Bubble({ message, answered, sender, tick, children, after, onActs }: BubbleProps): View {
  const { item, deleted, edited, mine, theirs } = message;
  const own = item.own === true;
  const reactions = [mine, theirs].filter((emoji) => emoji !== undefined && emoji !== "").join(" ");
  const reacted = reactions !== "" && !deleted;
  return h(
    "div",
    { class: `line arrives${own ? " own" : ""}${reacted ? " reacted" : ""}` },
    h(
      "div",
      { class: "bubble" },
      sender === undefined
        ? h("span", { class: "unseen" }, `${nameOf(item)}: `)
        : h("b", { class: "sender small" }, sender),
      answered !== null && !deleted && quote(answered),
      deleted ? h("p", { class: "muted gone" }, summaryOf(message)) : children,
      h(
        "span",
        { class: "meta" },
        edited !== undefined && !deleted && `${words.chat.edited} `,
        h("time", { dateTime: new Date(item.at).toISOString() }, timeOf(item.at)),
        tick !== undefined && !deleted && [" ", h(Tick, { state: tick })],
      ),
      reacted &&
        h(
          "span",
          { class: "reactions", role: "img", "aria-label": words.chat.reactions(reactions) },
          reactions,
        ),
      after,
    ),
    onActs !== undefined &&
      !deleted &&
      h(
        "button",
        {
          type: "button",
          class: "icon-button acts",
          "aria-label": words.acts.about(summaryOf(message)),
          onClick: onActs,
        },
        h(Icon, { name: "more" }),
      ),
  );
}
