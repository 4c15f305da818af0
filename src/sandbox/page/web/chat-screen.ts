import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { emptyChat, unread } from "../model/fold.ts";
import type { PhoneSettings } from "../model/phone.ts";
import { Composer } from "./composer.ts";
import { h, type View } from "./dom.ts";
import { Face } from "./face.ts";
import type { PlayedPhone } from "./played-phone.ts";
import { hashOf } from "./route.ts";
import { ScreenBar } from "./screen-bar.ts";
import { Timeline } from "./timeline.ts";
import { words } from "./words.ts";

/** What stands in the place of the composer when one cannot write, with the act that mends it. */
function hindrance(phone: PlayedPhone, settings: PhoneSettings, whom: string): ComponentChildren | undefined {
  const { person } = phone;
  const { me } = settings;
  const contact = settings.contacts.find(({ id }) => id === whom);
  const act = (verb: string, label: string, fields = {}): View =>
    h("button", { class: "small", onClick: () => void phone.does(verb, fields) }, label);
  if (!me.online) return [words.chat.off, act("comesOnline", words.chat.turnOn)];
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

interface ChatScreenProps {
  readonly phone: PlayedPhone;
  readonly settings: PhoneSettings;
  readonly with: string;
}

export function ChatScreen({ phone, settings, with: whom }: ChatScreenProps): View {
  const { person } = phone;
  const contact = settings.contacts.find(({ id }) => id === whom);
  const chat = phone.link.chats.get(whom) ?? emptyChat(whom, contact?.name ?? whom);
  const app = settings.apps.find(({ id }) => id === contact?.app)?.name;
  const news = unread(chat).length;
  const { online } = settings.me;
  useEffect(() => {
    const mark = (): void => {
      if (online && document.visibilityState === "visible") void phone.marksRead(chat);
    };
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [whom, news, online]);
  const why = hindrance(phone, settings, whom);
  return h(
    "section",
    { class: "screen", "aria-label": chat.name },
    h(
      ScreenBar,
      {
        title: chat.name,
        under: chat.name === whom ? app : `${whom}${app === undefined ? "" : `, ${app}`}`,
        back: { at: settings.me.inbox === "separate" ? "thirdParty" : "chats", person },
        face: h(Face, { name: chat.name, mark: "3rd" }),
      },
      h(
        "a",
        {
          class: "icon-button",
          href: hashOf({ at: "contact", person, with: whom }),
          "aria-label": words.chat.info,
        },
        "ⓘ",
      ),
    ),
    h(Timeline, { phone, chat }),
    why === undefined
      ? h(Composer, { key: whom, phone, to: whom })
      : h("div", { class: "hindrance small" }, why),
  );
}
