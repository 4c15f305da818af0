import { useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import { Icon } from "../../../page/web/icon.ts";
import { unread } from "../model/fold.ts";
import { isGroupChat } from "../model/phone.ts";
import { summaryOf } from "./chat/summary.ts";
import { ActLog } from "./link/act-log.ts";
import { useTellUnread } from "./link/framing-page.ts";
import { PlayedPhone } from "./link/played-phone.ts";
import { type ServedBy, useServedBy } from "./link/served-by.ts";
import { hashOf, type Route, routeOf } from "./route.ts";
import { ChatScreen } from "./screens/chat-screen.ts";
import { ChatsScreen } from "./screens/chats-screen.ts";
import { ContactScreen } from "./screens/contact-screen.ts";
import { GroupScreen } from "./screens/group-screen.ts";
import { NewChatScreen } from "./screens/new-chat-screen.ts";
import { NewGroupScreen } from "./screens/new-group-screen.ts";
import { NewPersonScreen, PeopleScreen } from "./screens/people-screen.ts";
import { ScreenBar } from "./screens/screen-bar.ts";
import { AccountScreen, SettingsScreen } from "./screens/settings-screen.ts";
import { Tools } from "./tools/tools.ts";
import { words } from "./words.ts";

function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const moved = (): void => setHash(location.hash);
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  return useMemo(() => routeOf(hash), [hash]);
}

function Waiting({ phone }: { readonly phone: PlayedPhone }): View {
  const { state } = phone.link;
  const said = state === "live" ? words.link.connecting : words.link[state];
  return h(
    "section",
    { class: "screen", "aria-label": words.page.title },
    h(ScreenBar, { title: words.page.title, back: { at: "people" } }),
    h("p", { class: "empty muted", role: "status" }, said),
    state === "nobody" &&
      h(
        "footer",
        { class: "foot" },
        h("a", { class: "button primary", href: hashOf({ at: "people" }) }, words.link.choose),
      ),
  );
}

function screenOf(
  route: Route,
  phone: PlayedPhone | undefined,
  log: ActLog,
  servedBy: ServedBy | undefined,
): View {
  if (route.at === "newPerson") return h(NewPersonScreen, { log, ofSignal: servedBy === "signal" });
  if (route.at === "people" || phone === undefined) return h(PeopleScreen, {});
  const { settings } = phone.link;
  if (settings === undefined || phone.link.state === "nobody") return h(Waiting, { phone });
  const shared = { phone, settings };
  if (route.at === "chat") return h(ChatScreen, { ...shared, with: route.with });
  if (route.at === "contact" && isGroupChat(route.with))
    return h(GroupScreen, { ...shared, with: route.with });
  if (route.at === "newGroup") return h(NewGroupScreen, shared);
  if (route.at === "contact") return h(ContactScreen, { ...shared, with: route.with });
  if (route.at === "newChat") return h(NewChatScreen, shared);
  if (route.at === "settings") return h(SettingsScreen, shared);
  if (route.at === "account") return h(AccountScreen, shared);
  return h(ChatsScreen, { ...shared, inside: route.at === "thirdParty" });
}

/** The message that came last, for those who listen to the page. */
function newsOf(phone: PlayedPhone | undefined): string {
  if (phone?.news === undefined) return "";
  const { news } = phone;
  const summary = summaryOf({ item: news });
  return news.kind === "group" ? summary : words.chat.arrived(news.from_name, summary);
}

const unreadOn = (phone: PlayedPhone | undefined): number =>
  [...(phone?.link.chats.values() ?? [])].reduce((sum, chat) => sum + unread(chat).length, 0);

/** The number of unread messages before the name, as in the tabs of a browser. */
function titleOf(phone: PlayedPhone | undefined, news: number): string {
  const settings = phone?.link.settings;
  if (phone === undefined || settings === undefined) return words.page.title;
  return `${news > 0 ? `(${news}) ` : ""}${words.page.of(settings.me.name, words.networks[settings.me.network])}`;
}

/** Says what was refused, for a while. */
function Trouble({ phone }: { readonly phone: PlayedPhone }): View {
  const { trouble } = phone;
  const [seen, setSeen] = useState(0);
  const n = trouble?.n ?? 0;
  useEffect(() => {
    const timer = setTimeout(() => setSeen(n), troubleMs);
    return () => clearTimeout(timer);
  }, [n]);
  const shown = trouble !== undefined && trouble.n > seen;
  return h(
    "div",
    { class: "trouble", role: "alert" },
    shown && [
      h("p", { key: n }, trouble.words),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": words.page.close, onClick: () => setSeen(n) },
        h(Icon, { name: "close" }),
      ),
    ],
  );
}

/** Whether phone and tools stand side by side. */
function useWide(): boolean {
  const query = useMemo(() => matchMedia("(min-width: 900px)"), []);
  const [wide, setWide] = useState(query.matches);
  useEffect(() => {
    const changed = (): void => setWide(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, [query]);
  return wide;
}

const troubleMs = 8000;

export function App(): View {
  const [, changed] = useReducer((n: number) => n + 1, 0);
  const log = useMemo(() => new ActLog(() => changed(undefined)), []);
  const route = useRoute();
  const person = "person" in route ? route.person : undefined;
  const phone = useMemo(
    () => (person === undefined ? undefined : new PlayedPhone(person, log, () => changed(undefined))),
    [person],
  );
  useEffect(() => () => phone?.close(), [phone]);
  const network = phone?.link.settings?.me.network ?? "";
  const away = phone?.link.state === "away" && phone.link.settings !== undefined;
  const servedBy = useServedBy();
  const news = unreadOn(phone);
  useTellUnread(news);
  const title = titleOf(phone, news);
  useEffect(() => {
    document.title = title;
  }, [title]);
  const [tools, setTools] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const wide = useWide();
  const closeTools = (): void => {
    setTools(false);
    opener.current?.focus();
  };
  return h(
    "main",
    { class: "page" },
    h("h1", { class: "unseen" }, words.page.title),
    h(
      "div",
      { class: `phone ${network}`, inert: tools && !wide },
      away && h("p", { class: "banner", role: "status" }, words.link.away),
      screenOf(route, phone, log, servedBy),
      phone && h(Trouble, { phone }),
      h("p", { class: "unseen", role: "status" }, newsOf(phone)),
      h(
        "button",
        { ref: opener, type: "button", class: "tools-open small", onClick: () => setTools(true) },
        servedBy === "signal" ? words.page.toolsOfSignal : words.page.tools,
      ),
    ),
    (wide || tools) && servedBy && h(Tools, { log, person, servedBy, onClose: closeTools }),
  );
}
