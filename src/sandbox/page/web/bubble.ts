import type { ComponentChildren } from "preact";
import type { Message } from "../model/phone.ts";
import { h, type View } from "./dom.ts";
import { timeOf } from "./phone-time.ts";
import { nameOf, summaryOf } from "./summary.ts";
import { Tick, type TickState } from "./tick.ts";
import { words } from "./words.ts";

/** The content of a message; files and places are drawn elsewhere. */
export function plainContent(message: Message): ComponentChildren {
  const { item, edited } = message;
  const said = edited ?? item.text ?? item.caption;
  if (said !== undefined) return h("p", { class: "said", dir: "auto" }, said);
  if (item.kind === "undecryptable") return h("p", { class: "muted" }, words.chat.undecryptable);
  return h("p", { class: "muted" }, words.chat.unknown(item.what ?? item.kind));
}

function quote(answered: Message | undefined): View {
  if (answered === undefined) return h("span", { class: "quote" }, words.chat.elsewhere);
  return h(
    "span",
    { class: "quote" },
    h("b", null, nameOf(answered.item)),
    h("br", null),
    summaryOf(answered),
  );
}

export interface BubbleProps {
  readonly message: Message;
  /** What the message answers, where it is here; null when the message answers nothing. */
  readonly answered: Message | undefined | null;
  readonly tick?: TickState | undefined;
  readonly children?: ComponentChildren;
  readonly after?: ComponentChildren;
}

/** One message: what it answers, its content, its time, its ticks, its reactions. */
export function Bubble({ message, answered, tick, children, after }: BubbleProps): View {
  const { item, deleted, edited, mine, theirs } = message;
  const own = item.own === true;
  const reactions = [mine, theirs].filter((emoji) => emoji !== undefined && emoji !== "");
  const classes = ["bubble", "arrives", own && "own", reactions.length > 0 && "reacted"];
  return h(
    "div",
    { class: classes.filter(Boolean).join(" ") },
    h("span", { class: "unseen" }, `${nameOf(item)}: `),
    answered !== null && !deleted && quote(answered),
    deleted ? h("p", { class: "muted gone" }, summaryOf(message)) : children,
    h(
      "span",
      { class: "meta" },
      edited !== undefined && !deleted && `${words.chat.edited} `,
      h("time", { dateTime: new Date(item.at).toISOString() }, timeOf(item.at)),
      own && tick && !deleted && [" ", h(Tick, { state: tick })],
    ),
    reactions.length > 0 &&
      h(
        "span",
        { class: "reactions", "aria-label": words.chat.reactions(reactions.join(" ")), role: "img" },
        reactions.join(" "),
      ),
    after,
  );
}
