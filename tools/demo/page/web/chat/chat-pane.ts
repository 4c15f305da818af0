import type { MatrixEvent, Room } from "matrix-js-sdk";
import { useEffect, useState } from "preact/hooks";
import { h, type View } from "../../../../../src/page/web/dom.ts";
import { Icon } from "../../../../../src/page/web/icon.ts";
import type { DemoPerson, DemoView } from "../../model/demo-state.ts";
import { textContent } from "../../model/text-content.ts";
import { RoomFace } from "../face.ts";
import type { Account } from "../link/account.ts";
import { sent } from "../link/outgoing.ts";
import type { Uploads } from "../link/uploads.ts";
import { bridgedChat, isBotRoom, nameIn, phoneOf, titleOf } from "../rooms/room-facts.ts";
import { go, hashOf } from "../route.ts";
import { words } from "../words.ts";
import { BotButtons, commandsNow } from "./bot-buttons.ts";
import { Composer, type Intent } from "./composer.ts";
import { MessageSheet } from "./message-sheet.ts";
import { Timeline } from "./timeline.ts";

interface ChatPaneProps {
  readonly account: Account;
  readonly view: DemoView;
  readonly me: DemoPerson;
  readonly room: Room;
  readonly uploads: Uploads;
  /** Whether the room is on screen, so that what stands in it is read. */
  readonly seen: boolean;
}

/** Marks what is here as read, while somebody looks. */
function useReadMark(account: Account, room: Room, seen: boolean): void {
  const last = room
    .getLiveTimeline()
    .getEvents()
    .findLast(({ status }) => status === null);
  const id = last?.getId();
  useEffect(() => {
    const mark = (): void => {
      if (last === undefined || id === undefined || !seen || document.visibilityState !== "visible") return;
      if (last.getSender() === account.userId || room.hasUserReadEvent(account.userId, id)) return;
      void account.tries((client) => client.sendReadReceipt(last));
    };
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [account, room, id, seen]);
}

function subtitle(room: Room, view: DemoView, withBot: boolean): string {
  if (withBot) return words.chat.bot;
  const bridged = bridgedChat(room);
  if (bridged === undefined) return "";
  const on = words.chat.on(bridged.networkName);
  return phoneOf(room, view)?.online === false ? `${on}, ${words.chat.phoneOff}` : on;
}

function Invitation({ account, room, me }: Pick<ChatPaneProps, "account" | "room" | "me">): View {
  const from = room.getMember(account.userId)?.events.member?.getSender();
  const leave = async (): Promise<void> => {
    if (await account.does((client) => client.leave(room.roomId)))
      go({ person: me.localpart, room: undefined });
  };
  return h(
    "div",
    { class: "hindrance" },
    h("p", null, words.chat.invited(nameIn(room, from, account.userId))),
    h(
      "button",
      {
        type: "button",
        class: "primary",
        onClick: () => void account.does((client) => client.joinRoom(room.roomId)),
      },
      words.chat.accept,
    ),
    h("button", { type: "button", onClick: () => void leave() }, words.chat.decline),
  );
}

export function ChatPane({ account, view, me, room, uploads, seen }: ChatPaneProps): View {
  const [intent, setIntent] = useState<Intent>();
  const [about, setAbout] = useState<MatrixEvent>();
  const [begun, setBegun] = useState<{ readonly text: string }>();
  const invited = room.getMyMembership() === "invite";
  const withBot = isBotRoom(room, view.botId);
  useReadMark(account, room, seen && !invited);
  const start = (kind: Intent["kind"]) => (): void => {
    if (about !== undefined) setIntent({ kind, event: about });
    setAbout(undefined);
  };
  const commands = withBot ? commandsNow(room, account.userId) : [];
  const network = bridgedChat(room)?.network ?? "";
  return h(
    "section",
    { class: `chat ${network}`, "aria-label": titleOf(room) },
    h(
      "header",
      { class: "bar" },
      h(
        "a",
        {
          class: "icon-button narrow",
          href: hashOf({ person: me.localpart, room: undefined }),
          "aria-label": words.rooms.back,
        },
        h(Icon, { name: "back" }),
      ),
      h(RoomFace, { account, room }),
      h(
        "div",
        { class: "bar-title" },
        h("h2", null, titleOf(room)),
        h("p", { class: "small muted" }, subtitle(room, view, withBot)),
      ),
    ),
    h(Timeline, { key: room.roomId, account, room, uploads, botId: view.botId, withBot, onActs: setAbout }),
    commands.length > 0 &&
      h(BotButtons, {
        commands,
        onWhole: (text) =>
          void account.tries((client) => sent(client, room.roomId, "m.room.message", textContent(text))),
        onBegun: (text) => setBegun({ text }),
      }),
    invited
      ? h(Invitation, { account, room, me })
      : h(Composer, {
          key: `write ${room.roomId}`,
          account,
          room,
          uploads,
          intent,
          begun,
          onDone: () => setIntent(undefined),
        }),
    about &&
      h(MessageSheet, {
        account,
        room,
        event: about,
        onReply: start("reply"),
        onEdit: start("edit"),
        onClose: () => setAbout(undefined),
      }),
  );
}
