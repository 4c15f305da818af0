import type { Room } from "matrix-js-sdk";
import { h, type View } from "../../../../../src/page/web/dom.ts";
import { shortly } from "../../../../../src/sandbox/page/web/phone-time.ts";
import { RoomFace } from "../face.ts";
import type { Account } from "../link/account.ts";
import { words } from "../words.ts";
import { lastEvent, titleOf, underName, unreadOf } from "./room-facts.ts";

interface RoomRowProps {
  readonly account: Account;
  readonly room: Room;
  readonly href: string;
  readonly current: boolean;
}

export function RoomRow({ account, room, href, current }: RoomRowProps): View {
  const unread = unreadOf(room);
  const last = lastEvent(room);
  return h(
    "li",
    null,
    h(
      "a",
      { class: "row", href, ...(current ? { "aria-current": "true" } : {}) },
      h(RoomFace, { account, room }),
      h(
        "span",
        { class: "row-text" },
        h("b", null, titleOf(room)),
        h("span", { class: "small muted" }, underName(room, account.userId)),
      ),
      h(
        "span",
        { class: "row-end" },
        last &&
          h(
            "time",
            { class: "small muted", dateTime: new Date(last.getTs()).toISOString() },
            shortly(last.getTs()),
          ),
        unread > 0 &&
          h(
            "span",
            { class: "count" },
            h("span", { "aria-hidden": "true" }, unread),
            h("span", { class: "unseen" }, words.rooms.unread(unread)),
          ),
      ),
    ),
  );
}
