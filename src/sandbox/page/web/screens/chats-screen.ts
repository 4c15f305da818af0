import { h, type View } from "../../../../page/web/dom.ts";
import { Face } from "../../../../page/web/face.ts";
import { inOrder, unread } from "../../model/fold.ts";
import { type Chat, hasThirdPartyChats, isGroupChat, type PhoneSettings } from "../../model/phone.ts";
import { typingNow } from "../../model/typing.ts";
import { rendered } from "../chat/markup.ts";
import { summaryOf, typingWords } from "../chat/summary.ts";
import { groupPicture, pictureAddress } from "../link/control-api.ts";
import type { PlayedPhone } from "../link/played-phone.ts";
import { contactMark, networkMark } from "../network-mark.ts";
import { shortly } from "../phone-time.ts";
import { hashOf } from "../route.ts";
import { words } from "../words.ts";
import { chatName } from "./contact-name.ts";
import { ScreenBar } from "./screen-bar.ts";

function lastLine(chat: Chat): string {
  const typing = typingNow(chat);
  if (typing) return typingWords(typing);
  const last = chat.messages.at(-1);
  if (last === undefined) return "";
  const summary = summaryOf(last);
  if (last.item.kind === "group") return summary;
  if (isGroupChat(chat.with) && last.item.own !== true) return `${last.item.from_name}: ${summary}`;
  return last.item.own === true && !last.deleted ? words.chats.you + summary : summary;
}

const count = (n: number): View | false =>
  n > 0 &&
  h(
    "span",
    { class: "count" },
    h("span", { "aria-hidden": "true" }, n),
    h("span", { class: "unseen" }, words.chats.unread(n)),
  );

function row(href: string, face: View, name: string, line: string, at: number, news: number): View {
  return h(
    "li",
    null,
    h(
      "a",
      { class: "row", href },
      face,
      h("div", { class: "row-text" }, h("h3", null, name), h("p", { class: "small muted" }, rendered(line))),
      h("div", { class: "row-end" }, at > 0 && h("time", { class: "small muted" }, shortly(at)), count(news)),
    ),
  );
}

const news = (chats: readonly Chat[]): number => chats.reduce((sum, chat) => sum + unread(chat).length, 0);

/** The list of chats. With a separate inbox the first screen has one row for all of other apps. */
export function ChatsScreen({
  phone,
  settings,
  inside,
}: {
  readonly phone: PlayedPhone;
  readonly settings: PhoneSettings;
  readonly inside: boolean;
}): View {
  const { me } = settings;
  const { person } = phone;
  const chats = inOrder(phone.link.chats).filter(({ messages }) => messages.length > 0);
  const folded = me.inbox === "separate" && !inside;
  const latest = chats[0];
  const nameOf = (chat: Chat): string => chatName(chat, settings);
  const pictureIn = ({ with: id }: Chat): string | undefined =>
    groupPicture(settings.groups?.find(({ group }) => group === id));
  const list = folded
    ? latest && [
        row(
          hashOf({ at: "thirdParty", person }),
          h(Face, { name: "3" }),
          words.chats.thirdParty,
          `${nameOf(latest)}: ${lastLine(latest)}`,
          latest.last,
          news(chats),
        ),
      ]
    : chats.map((chat) =>
        row(
          hashOf({ at: "chat", person, with: chat.with }),
          h(Face, { name: nameOf(chat), picture: pictureIn(chat), mark: contactMark(me.network) }),
          nameOf(chat),
          lastLine(chat),
          chat.last,
          news([chat]),
        ),
      );
  return h(
    "section",
    { class: "screen", "aria-label": words.chats.title },
    inside
      ? h(ScreenBar, { title: words.chats.thirdParty, back: { at: "chats", person } })
      : h(
          ScreenBar,
          {
            title: me.name,
            under: `${words.networks[me.network]}, ${me.external_id}`,
            face: h(Face, { name: me.name, picture: pictureAddress(me), mark: networkMark[me.network] }),
          },
          h("a", { class: "button small", href: hashOf({ at: "settings", person }) }, words.chats.settings),
        ),
    h(
      "div",
      { class: "scroll" },
      !me.optedIn && h("p", { class: "note" }, words.chats.off),
      list && list.length > 0
        ? h("ul", { class: "rows" }, list)
        : me.optedIn &&
            h(
              "p",
              { class: "empty muted" },
              hasThirdPartyChats(me.network) ? words.chats.none : words.chats.noneOfSignal,
            ),
    ),
    h(
      "footer",
      { class: "foot" },
      h("a", { class: "button", href: hashOf({ at: "people" }) }, words.chats.switch),
      h("a", { class: "button primary", href: hashOf({ at: "newChat", person }) }, words.chats.start),
    ),
  );
}
