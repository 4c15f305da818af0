import type { Room } from "matrix-js-sdk";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { h, type View } from "../../../../../src/page/web/dom.ts";
import { Icon } from "../../../../../src/page/web/icon.ts";
import type { DemoPerson, DemoView } from "../../model/demo-state.ts";
import type { Account } from "../link/account.ts";
import { go, hashOf } from "../route.ts";
import { words } from "../words.ts";
import { botRoom } from "./bot-room.ts";
import { NewChatSheet } from "./new-chat-sheet.ts";
import { groupsOf, isBotRoom } from "./room-facts.ts";
import { RoomRow } from "./room-row.ts";

interface PersonChoiceProps {
  readonly people: readonly DemoPerson[];
  readonly me: DemoPerson;
}

function PersonChoice({ people, me }: PersonChoiceProps): View {
  return h(
    "label",
    { class: "be" },
    h("span", { class: "small muted" }, words.people.be),
    h(
      "select",
      {
        value: me.localpart,
        onChange: (event: Event) =>
          go({ person: (event.currentTarget as HTMLSelectElement).value, room: undefined }),
      },
      people.map(({ localpart, name, networks }) =>
        h(
          "option",
          { key: localpart, value: localpart, selected: localpart === me.localpart },
          networks.length > 0 ? name : words.people.nothingOn(name),
        ),
      ),
    ),
  );
}

interface RoomsPaneProps {
  readonly account: Account | undefined;
  readonly view: DemoView;
  readonly me: DemoPerson;
  readonly open: string | undefined;
}

export function RoomsPane({ account, view, me, open }: RoomsPaneProps): View {
  const [starting, setStarting] = useState(false);
  const { botId, people } = view;
  const rooms = account?.rooms() ?? [];
  const invites = account?.rooms("invite") ?? [];
  const row = (room: Room): ComponentChildren =>
    account &&
    h(RoomRow, {
      key: room.roomId,
      account,
      room,
      href: hashOf({ person: me.localpart, room: room.roomId }),
      current: room.roomId === open,
    });
  const section = (title: string, of: readonly Room[]): View =>
    h(
      "section",
      { key: title },
      h("h2", { class: "section" }, title),
      h("ul", { class: "rows" }, of.map(row)),
    );
  const groups = groupsOf(rooms);
  const hasBot = rooms.some((room) => isBotRoom(room, botId));
  const begin = async (): Promise<void> => {
    const room = account && (await botRoom(account, botId));
    if (room !== undefined) go({ person: me.localpart, room });
  };
  return h(
    "nav",
    { class: "rooms", "aria-label": words.rooms.title },
    h(
      "div",
      { class: "bar" },
      h(PersonChoice, { people, me }),
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": words.rooms.start,
          onClick: () => setStarting(true),
        },
        h(Icon, { name: "plus" }),
      ),
    ),
    h(
      "div",
      { class: "scroll" },
      account?.state === "connecting" &&
        h("p", { class: "empty muted", role: "status" }, words.link.connecting),
      invites.length > 0 && section(words.rooms.invites, invites),
      groups.map(({ title, rooms: of }) => section(title, of)),
      account?.state === "live" &&
        groups.length < 2 &&
        rooms.every((room) => isBotRoom(room, botId)) &&
        h("p", { class: "empty muted small" }, hasBot ? words.rooms.noneYet : words.rooms.none),
      account?.state === "live" &&
        !hasBot &&
        h(
          "p",
          { class: "padded" },
          h(
            "button",
            { type: "button", class: "primary wide", onClick: () => void begin() },
            words.rooms.begin,
          ),
        ),
    ),
    starting && account && h(NewChatSheet, { account, botId, me, onClose: () => setStarting(false) }),
  );
}
