import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { Face } from "../../../../page/web/face.ts";
import { Icon } from "../../../../page/web/icon.ts";
import { emptyChat, unread } from "../../model/fold.ts";
import { hasThirdPartyChats, isGroupChat, type Message, type PhoneSettings } from "../../model/phone.ts";
import { Composer, type Intent } from "../chat/composer.ts";
import { MessageSheet } from "../chat/message-sheet.ts";
import { Timeline } from "../chat/timeline.ts";
import { groupPicture } from "../link/control-api.ts";
import { useSeen } from "../link/framing-page.ts";
import type { PlayedPhone } from "../link/played-phone.ts";
import { contactMark } from "../network-mark.ts";
import { hashOf } from "../route.ts";
import { words } from "../words.ts";
import { chatName } from "./contact-name.ts";
import { isAdminOf } from "./group-rights.ts";
import { ScreenBar } from "./screen-bar.ts";

/** What stands in the place of the composer when one cannot write, with the act that mends it. */
function hindrance(phone: PlayedPhone, settings: PhoneSettings, whom: string): ComponentChildren {
  const { person } = phone;
  const { me } = settings;
  const contact = settings.contacts.find(({ id }) => id === whom);
  const act = (verb: string, label: string, fields = {}): View =>
    h("button", { type: "button", class: "small", onClick: () => void phone.does(verb, fields) }, label);
  if (me.left) return words.chat.youLeft;
  if (!me.online) return [words.chat.off, act("comesOnline", words.chat.turnOn)];
  if (isGroupChat(whom)) return hindranceInGroup(settings, whom);
  if (contact === undefined) return words.chat.gone;
  if (contact.blocked) return [words.chat.blocked, act("unblocks", words.chat.unblock, { to: whom })];
  if (contact.unreachable === null) return undefined;
  const account = h(
    "a",
    { class: "button small", href: hashOf({ at: "account", person }) },
    words.chat.account,
  );
  return [words.chat.stopped[contact.unreachable], contact.unreachable !== "ended" && account];
}

function hindranceInGroup(settings: PhoneSettings, id: string): ComponentChildren {
  const group = settings.groups?.find((one) => one.group === id);
  if (group === undefined) return words.group.notIn;
  if (settings.features["groups"] !== true) return words.group.off;
  return group.writes === "admins" && !isAdminOf(group, settings) ? words.group.onlyAdmins : undefined;
}

/** Who is in the group, or the visible id and app of the other side. */
function under(settings: PhoneSettings, whom: string, name: string, app: string | undefined): string {
  const group = settings.groups?.find((one) => one.group === whom);
  if (group !== undefined) return group.members.map((member) => member.name).join(", ");
  if (isGroupChat(whom)) return "";
  const id = name === whom || !hasThirdPartyChats(settings.me.network) ? [] : [whom];
  return [...id, ...(app === undefined ? [] : [app])].join(", ");
}

interface ChatScreenProps {
  readonly phone: PlayedPhone;
  readonly settings: PhoneSettings;
  readonly with: string;
}

export function ChatScreen({ phone, settings, with: whom }: ChatScreenProps): View {
  const { person } = phone;
  const [intent, setIntent] = useState<Intent>();
  const [about, setAbout] = useState<Message>();
  const contact = settings.contacts.find(({ id }) => id === whom);
  const chat = phone.link.chats.get(whom) ?? emptyChat(whom, whom);
  const name = chatName(chat, settings);
  const group = settings.groups?.find((one) => one.group === whom);
  const app = settings.apps.find(({ id }) => id === contact?.app)?.name;
  const news = unread(chat).length;
  const may = settings.me.online && !settings.me.left && settings.features["receipts"] === true;
  const seen = useSeen();
  useEffect(() => {
    const mark = (): void => {
      if (may && seen && document.visibilityState === "visible") void phone.marksRead(chat);
    };
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [whom, news, may, seen]);
  const why = hindrance(phone, settings, whom);
  const start = (kind: Intent["kind"]) => (): void => {
    if (about !== undefined) setIntent({ kind, message: about });
    setAbout(undefined);
  };
  return h(
    "section",
    { class: "screen", "aria-label": name },
    h(
      ScreenBar,
      {
        title: name,
        under: under(settings, whom, name, app),
        back: { at: settings.me.inbox === "separate" ? "thirdParty" : "chats", person },
        face: h(Face, { name, picture: groupPicture(group), mark: contactMark(settings.me.network) }),
      },
      h(
        "a",
        {
          class: "icon-button",
          href: hashOf({ at: "contact", person, with: whom }),
          "aria-label": isGroupChat(whom) ? words.group.info : words.chat.info,
        },
        h(Icon, { name: "info" }),
      ),
    ),
    h(Timeline, { phone, chat, name, onActs: setAbout }),
    why === undefined
      ? h(Composer, {
          key: whom,
          phone,
          to: whom,
          others: hasThirdPartyChats(settings.me.network),
          intent,
          onDone: () => setIntent(undefined),
        })
      : h("div", { class: "hindrance small" }, why),
    about &&
      h(MessageSheet, {
        phone,
        settings,
        message: about,
        onReply: start("reply"),
        onEdit: start("edit"),
        onClose: () => setAbout(undefined),
      }),
  );
}
