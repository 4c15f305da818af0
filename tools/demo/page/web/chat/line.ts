import type { MatrixEvent, Room } from "matrix-js-sdk";
import { EventStatus } from "matrix-js-sdk";
import type { ComponentChildren } from "preact";
import { h, type View } from "../../../../../src/page/web/dom.ts";
import { Icon } from "../../../../../src/page/web/icon.ts";
import { timeOf } from "../../../../../src/sandbox/page/web/phone-time.ts";
import { type Account, waits } from "../link/account.ts";
import { reactionContent, sent } from "../link/outgoing.ts";
import { nameIn } from "../rooms/room-facts.ts";
import { words } from "../words.ts";
import { contentOf } from "./content.ts";
import { summaryOf } from "./summary.ts";
import { Tick, tickOf } from "./tick.ts";

interface LineProps {
  readonly account: Account;
  readonly room: Room;
  readonly event: MatrixEvent;
  readonly botId: string;
  /** Shows what one can do with the message. */
  readonly onActs: () => void;
}

interface Reactions {
  readonly emoji: string;
  readonly from: readonly MatrixEvent[];
}

export function reactionsTo(room: Room, event: MatrixEvent): readonly Reactions[] {
  const found = room.relations.getChildEventsForEvent(event.getId() ?? "", "m.annotation", "m.reaction");
  return (found?.getSortedAnnotationsByKey() ?? [])
    .map(([emoji, events]) => ({ emoji, from: [...events].filter((one) => !one.isRedacted()) }))
    .filter(({ from }) => from.length > 0);
}

/** Reacts so, or takes it back where one has reacted so already. */
export function toggleReaction(account: Account, room: Room, event: MatrixEvent, emoji: string): void {
  const own = reactionsTo(room, event)
    .find((one) => one.emoji === emoji)
    ?.from.find((one) => one.getSender() === account.userId);
  const id = own?.getId();
  if (id === undefined)
    void account.tries((client) => sent(client, room.roomId, "m.reaction", reactionContent(event, emoji)));
  else if (own?.status === null) void account.does((client) => client.redactEvent(room.roomId, id));
}

function quote(account: Account, room: Room, id: string): View {
  const answered = room.findEventById(id);
  return h(
    "span",
    { class: "quote" },
    answered === undefined
      ? words.chat.elsewhere
      : [
          h("b", null, nameIn(room, answered.getSender(), account.userId)),
          h("br", null),
          summaryOf(answered),
        ],
  );
}

/** What stands under a message that was not sent. */
function unsent(account: Account, room: Room, event: MatrixEvent): View {
  const act = (label: string, onClick: () => void): View =>
    h("button", { type: "button", class: "link", onClick }, label);
  const again = (): void => void account.tries((client) => client.resendEvent(event, room));
  const discard = (): void => {
    account.client.cancelPendingEvent(event);
    account.tell();
  };
  const why = waits(event)
    ? words.chat.waits
    : `${words.chat.failed} ${event.error?.data?.error ?? ""}`.trim();
  return h(
    "p",
    { class: "failed small", role: "status" },
    `${why} `,
    act(words.chat.again, again),
    " ",
    act(words.chat.discard, discard),
  );
}

/** One message: what it answers, its content, its time, its tick, its reactions. */
export function Line({ account, room, event, botId, onActs }: LineProps): View {
  const me = account.userId;
  const own = event.getSender() === me;
  const deleted = event.isRedacted();
  const edited = event.replacingEvent() !== null;
  const failed = event.status === EventStatus.NOT_SENT;
  // An edit or deletion that is on its way has a clock as a message has.
  const pending = event.getAssociatedStatus() !== null;
  const reactions = deleted ? [] : reactionsTo(room, event);
  const inside: ComponentChildren = deleted
    ? h("p", { class: "muted gone" }, words.chat.deleted)
    : [
        event.replyEventId !== undefined && quote(account, room, event.replyEventId),
        contentOf(account, event),
      ];
  return h(
    "div",
    { class: `line arrives${own ? " own" : ""}${reactions.length > 0 ? " reacted" : ""}` },
    h(
      "div",
      { class: "bubble" },
      h("span", { class: "unseen" }, `${nameIn(room, event.getSender(), me)}: `),
      inside,
      h(
        "span",
        { class: "meta" },
        edited && !deleted && `${words.chat.edited} `,
        h("time", { dateTime: new Date(event.getTs()).toISOString() }, timeOf(event.getTs())),
        own &&
          !failed &&
          (!deleted || pending) && [
            " ",
            h(Tick, { state: pending ? "sending" : tickOf(room, event, me, botId) }),
          ],
      ),
      failed && unsent(account, room, event),
      reactions.length > 0 &&
        h(
          "span",
          { class: "chips" },
          reactions.map(({ emoji, from }) =>
            h(
              "button",
              {
                key: emoji,
                type: "button",
                class: "chip-button",
                "aria-pressed": from.some((one) => one.getSender() === me),
                "aria-label": words.chat.reactions(
                  emoji,
                  from.map((one) => nameIn(room, one.getSender(), me)).join(", "),
                ),
                onClick: () => toggleReaction(account, room, event, emoji),
              },
              from.length > 1 ? `${emoji} ${from.length}` : emoji,
            ),
          ),
        ),
    ),
    !deleted &&
      event.status === null &&
      h(
        "button",
        {
          type: "button",
          class: "icon-button acts",
          "aria-label": words.acts.about(summaryOf(event)),
          onClick: onActs,
        },
        h(Icon, { name: "more" }),
      ),
  );
}
