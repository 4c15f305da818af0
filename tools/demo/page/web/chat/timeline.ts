import type { MatrixEvent, Room } from "matrix-js-sdk";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { h, type View } from "../../../../../src/page/web/dom.ts";
import { dayOf } from "../../../../../src/sandbox/page/web/phone-time.ts";
import type { Account } from "../link/account.ts";
import type { Uploads } from "../link/uploads.ts";
import { nameIn, titleOf, typingIn } from "../rooms/room-facts.ts";
import { words } from "../words.ts";
import { Line } from "./line.ts";
import { isNotice, isShown } from "./shown-events.ts";
import { bodyOf, summaryOf } from "./summary.ts";
import { UploadLine } from "./upload-line.ts";

/** Pixels from the end at which one still reads along. */
const nearEnd = 80;
const more = 50;

interface TimelineProps {
  readonly account: Account;
  readonly room: Room;
  readonly uploads: Uploads;
  readonly botId: string;
  /** In the bot's own room its notices are its part of the conversation. */
  readonly withBot: boolean;
  readonly onActs: (event: MatrixEvent) => void;
}

/** The messages of a room. It stays at its end while one is there, and where one has scrolled to otherwise. */
export function Timeline({ account, room, uploads, botId, withBot, onActs }: TimelineProps): View {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const pending = uploads.of(room.roomId);
  const events = room.getLiveTimeline().getEvents().filter(isShown);
  const own = events.filter((event) => event.getSender() === account.userId).length;
  useEffect(() => {
    atEnd.current = true;
  }, [room.roomId, own, pending.length]);
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    const follow = (): void => {
      if (atEnd.current) current.scrollTop = current.scrollHeight;
    };
    follow();
    // Pictures take their height when they come, and the field to write in takes some away.
    const sizes = new ResizeObserver(follow);
    sizes.observe(current);
    current.addEventListener("load", follow, { capture: true });
    return () => {
      sizes.disconnect();
      current.removeEventListener("load", follow, { capture: true });
    };
  });
  const onScroll = (): void => {
    const { current } = box;
    if (current !== null)
      atEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < nearEnd;
  };
  const lineOf = (event: MatrixEvent): View => {
    const key = event.getTxnId() ?? event.getId() ?? "";
    const notice = isNotice(event) && !(withBot && event.getType() === "m.room.message");
    if (notice && !event.isRedacted())
      return h(
        "p",
        { key, class: "notice arrives" },
        event.getType() === "m.room.message" ? bodyOf(event) : summaryOf(event),
      );
    return h(Line, { key, account, room, event, botId, onActs: () => onActs(event) });
  };
  const lines = events.flatMap((event, i) => {
    const day = dayOf(event.getTs());
    const before = events[i - 1];
    const sameDay = before !== undefined && dayOf(before.getTs()) === day;
    return sameDay
      ? [lineOf(event)]
      : [h("p", { class: "notice day", key: `day ${day}` }, day), lineOf(event)];
  });
  const typing = typingIn(room, account.userId).map(({ userId }) => nameIn(room, userId, account.userId));
  const earlier = room.getLiveTimeline().getPaginationToken("b" as never) !== null;
  return h(
    "div",
    {
      class: "lines scroll",
      ref: box,
      onScroll,
      tabIndex: 0,
      role: "log",
      "aria-label": titleOf(room),
      "aria-live": "off",
    },
    earlier &&
      h(
        "button",
        {
          type: "button",
          class: "small earlier",
          onClick: () => {
            atEnd.current = false;
            void account.does((client) => client.scrollback(room, more));
          },
        },
        words.chat.earlier,
      ),
    lines.length + pending.length === 0 && h("p", { class: "notice" }, words.chat.empty),
    lines,
    pending.map((upload) => h(UploadLine, { key: upload.id, upload, uploads })),
    typing.length > 0 && h("p", { class: "typing muted small" }, words.chat.typing(typing.join(", "))),
  );
}
