import { h, type View } from "../../../../page/web/dom.ts";
import type { Message } from "../../model/phone.ts";
import { words } from "../words.ts";

export type TickState = keyof typeof words.chat.ticks;

export const tickOf = ({ tick }: Message): TickState => tick ?? "sent";

const signs: Record<TickState, string> = {
  sending: "◷",
  sent: "✓",
  delivered: "✓✓",
  read: "✓✓",
  played: "✓✓",
};

/** How far a message got: a sign to see and a word to hear. */
export function Tick({ state }: { readonly state: TickState }): View {
  const label = words.chat.ticks[state];
  return h("span", { class: `tick ${state}`, role: "img", "aria-label": label, title: label }, signs[state]);
}
