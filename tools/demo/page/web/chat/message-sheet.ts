import type { MatrixEvent, Room } from "matrix-js-sdk";
import { useState } from "preact/hooks";
import { h, type View } from "../../../../../src/page/web/dom.ts";
import { Sheet } from "../../../../../src/sandbox/page/web/sheet.ts";
import type { Account } from "../link/account.ts";
import { words } from "../words.ts";
import { reactionsTo, toggleReaction } from "./line.ts";
import { summaryOf } from "./summary.ts";

const usual = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

interface MessageSheetProps {
  readonly account: Account;
  readonly room: Room;
  readonly event: MatrixEvent;
  readonly onReply: () => void;
  readonly onEdit: () => void;
  readonly onClose: () => void;
}

/** What one can do with a message. */
export function MessageSheet({ account, room, event, onReply, onEdit, onClose }: MessageSheetProps): View {
  const [other, setOther] = useState("");
  const own = event.getSender() === account.userId;
  const mine = new Set(
    reactionsTo(room, event)
      .filter(({ from }) => from.some((one) => one.getSender() === account.userId))
      .map(({ emoji }) => emoji),
  );
  const react = (emoji: string): void => {
    onClose();
    if (emoji.trim() !== "") toggleReaction(account, room, event, emoji.trim());
  };
  const remove = (): void => {
    onClose();
    void account.does((client) => client.redactEvent(room.roomId, event.getId() ?? ""));
  };
  const act = (label: string, onClick: () => void, look = ""): View =>
    h("button", { type: "button", class: look, onClick }, label);
  return h(
    Sheet,
    { title: words.acts.title, onClose },
    h("p", { class: "quote one-line" }, summaryOf(event)),
    h(
      "div",
      { class: "emojis", role: "group", "aria-label": words.acts.react },
      usual.map((emoji) =>
        h(
          "button",
          { key: emoji, type: "button", "aria-pressed": mine.has(emoji), onClick: () => react(emoji) },
          emoji,
        ),
      ),
    ),
    h(
      "form",
      {
        class: "in-line",
        onSubmit: (submitted: Event) => {
          submitted.preventDefault();
          react(other);
        },
      },
      h("input", {
        value: other,
        "aria-label": words.acts.otherEmoji,
        placeholder: words.acts.otherEmoji,
        onInput: (typed: Event) => setOther((typed.currentTarget as HTMLInputElement).value),
      }),
      h("button", { type: "submit" }, words.acts.react),
    ),
    act(words.acts.reply, onReply),
    own && event.getContent()["msgtype"] === "m.text" && act(words.acts.edit, onEdit),
    own && act(words.acts.delete, remove, "danger"),
  );
}
