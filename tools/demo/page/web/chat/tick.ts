import type { MatrixEvent, Room } from "matrix-js-sdk";
import { h, type View } from "../../../../../src/page/web/dom.ts";
import { words } from "../words.ts";

type TickState = keyof typeof words.chat.ticks;

/** How far one's own message got: the bot's receipt says that the network has it, anybody else's that it was read. */
export function tickOf(room: Room, event: MatrixEvent, me: string, botId: string): TickState {
  const id = event.getId();
  if (event.status !== null || id === undefined) return "sending";
  const others = room.getJoinedMembers().filter(({ userId }) => userId !== me);
  const has = others.filter(({ userId }) => room.hasUserReadEvent(userId, id)).map(({ userId }) => userId);
  if (has.some((userId) => userId !== botId)) return "read";
  if (has.length === 0) return "sent";
  return others.length === 1 ? "read" : "delivered";
}

const signs: Record<TickState, string> = { sending: "◷", sent: "✓", delivered: "✓✓", read: "✓✓" };

/** A sign to see and a word to hear. */
export function Tick({ state }: { readonly state: TickState }): View {
  const label = words.chat.ticks[state];
  return h("span", { class: `tick ${state}`, role: "img", "aria-label": label, title: label }, signs[state]);
}
