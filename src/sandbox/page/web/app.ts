import { useEffect, useMemo, useReducer, useState } from "preact/hooks";
import { ActLog } from "./act-log.ts";
import { ChatScreen } from "./chat-screen.ts";
import { ChatsScreen } from "./chats-screen.ts";
import { h, type View } from "./dom.ts";
import { NewChatScreen } from "./new-chat-screen.ts";
import { NewPersonScreen, PeopleScreen } from "./people-screen.ts";
import { PlayedPhone } from "./played-phone.ts";
import { hashOf, type Route, routeOf } from "./route.ts";
import { ScreenBar } from "./screen-bar.ts";
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

function screenOf(route: Route, phone: PlayedPhone | undefined, log: ActLog): View {
  if (route.at === "newPerson") return h(NewPersonScreen, { log });
  if (route.at === "people" || phone === undefined) return h(PeopleScreen, {});
  const { settings } = phone.link;
  if (settings === undefined) return h(Waiting, { phone });
  const shared = { phone, settings };
  if (route.at === "chat") return h(ChatScreen, { ...shared, with: route.with });
  if (route.at === "newChat") return h(NewChatScreen, shared);
  return h(ChatsScreen, { ...shared, inside: route.at === "thirdParty" });
}

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
  return h(
    "main",
    { class: "page" },
    h("h1", { class: "unseen" }, words.page.title),
    h(
      "div",
      { class: `phone ${network}` },
      away && h("p", { class: "banner", role: "status" }, words.link.away),
      screenOf(route, phone, log),
    ),
  );
}
