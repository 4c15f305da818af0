import { useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { hasThirdPartyChats, isGroupChat, type Message, type PhoneSettings } from "../../model/phone.ts";
import type { PlayedPhone } from "../link/played-phone.ts";
import { isAdminOf } from "../screens/group-rights.ts";
import { Sheet } from "../sheet.ts";
import { words } from "../words.ts";
import { summaryOf } from "./summary.ts";

const emojis = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

interface MessageSheetProps {
  readonly phone: PlayedPhone;
  readonly settings: PhoneSettings;
  readonly message: Message;
  readonly onReply: () => void;
  readonly onEdit: () => void;
  readonly onClose: () => void;
}

/** What one can do with a message. */
export function MessageSheet({
  phone,
  settings,
  message,
  onReply,
  onEdit,
  onClose,
}: MessageSheetProps): View {
  const { item, mine = "" } = message;
  const { features } = settings;
  const [other, setOther] = useState("");
  const own = item.own === true;
  const to = item.chat;
  const group = settings.groups?.find((one) => one.group === to);
  const admin = group !== undefined && isAdminOf(group, settings);
  const does = (verb: string, fields: Readonly<Record<string, unknown>>): void => {
    onClose();
    void phone.does(verb, { to, target: item.id, ...fields });
  };
  const reacts = (emoji: string): void => does("reacts", { emoji: emoji === mine ? "" : emoji });
  const shown = mine === "" || emojis.includes(mine) ? emojis : [mine, ...emojis];
  const act = (label: string, run: () => void): View => h("button", { type: "button", onClick: run }, label);
  const reactions = [
    h(
      "div",
      { class: "emojis", role: "group", "aria-label": words.acts.react },
      shown.map((emoji) =>
        h(
          "button",
          {
            type: "button",
            "aria-pressed": emoji === mine,
            "aria-label": emoji,
            onClick: () => reacts(emoji),
          },
          emoji,
        ),
      ),
    ),
    h(
      "form",
      {
        class: "in-line",
        onSubmit: (event: Event) => {
          event.preventDefault();
          if (other.trim() !== "") reacts(other.trim());
        },
      },
      h("input", {
        "aria-label": words.acts.otherEmoji,
        placeholder: words.acts.otherEmoji,
        maxLength: 32,
        value: other,
        onInput: (event: Event) => setOther((event.currentTarget as HTMLInputElement).value),
      }),
      h("button", { type: "submit" }, words.acts.react),
    ),
  ];
  return h(
    Sheet,
    { title: words.acts.title, onClose },
    h("p", { class: "small muted one-line" }, summaryOf(message)),
    features["reactions"] ? reactions : h("p", { class: "note" }, words.acts.featureOff(words.acts.react)),
    act(words.acts.reply, onReply),
    own && item.kind === "text" && act(words.acts.edit, onEdit),
    (own || admin) && act(words.acts.delete, () => does("deletes", {})),
    !own &&
      !isGroupChat(to) &&
      hasThirdPartyChats(settings.me.network) &&
      act(words.acts.report, () => does("reports", {})),
    act(words.acts.copyId, () => {
      onClose();
      void navigator.clipboard.writeText(item.id);
    }),
  );
}
