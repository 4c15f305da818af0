import { useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { h, type View } from "../../../../src/page/web/dom.ts";
import { Icon } from "../../../../src/page/web/icon.ts";
import { Sheet } from "../../../../src/sandbox/page/web/sheet.ts";
import type { DemoPerson, DemoView } from "../model/demo-state.ts";
import { ChatPane } from "./chat/chat-pane.ts";
import { summaryOf } from "./chat/summary.ts";
import { Account } from "./link/account.ts";
import { DemoLink, logIn } from "./link/demo-link.ts";
import { Uploads } from "./link/uploads.ts";
import { PartsBar } from "./parts-bar.ts";
import { PhonePane } from "./phone-pane.ts";
import { isBotRoom, nameIn, phoneOf, unreadOf } from "./rooms/room-facts.ts";
import { RoomsPane } from "./rooms/rooms-pane.ts";
import { hashOf, type Route, routeOf } from "./route.ts";
import { Tabs, useNarrow } from "./tabs.ts";
import { TryThis, useDone } from "./try-this.ts";
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

interface Opened {
  readonly account: Account;
  readonly uploads: Uploads;
}

const againMs = 1000;

/** The person's account, logged in as soon as there is a homeserver to do it at. */
function useAccount(
  me: DemoPerson | undefined,
  view: DemoView | undefined,
  changed: () => void,
): [Opened | undefined, () => void] {
  const [opened, setOpened] = useState<Opened>();
  const [logins, setLogins] = useState(0);
  const name = me?.localpart;
  const homeserver = view?.ready === true ? view.homeserver : undefined;
  useEffect(() => {
    if (name === undefined || homeserver === undefined) return undefined;
    let account: Account | undefined;
    let closed = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = async (): Promise<void> => {
      try {
        const login = await logIn(name);
        if (closed) return;
        account = new Account(homeserver, login, changed);
        setOpened({ account, uploads: new Uploads(account) });
      } catch {
        // The bar above says which part is down.
        if (!closed) timer = setTimeout(() => void open(), againMs);
      }
    };
    void open();
    return () => {
      closed = true;
      clearTimeout(timer);
      account?.close();
      setOpened(undefined);
    };
  }, [name, homeserver, logins]);
  return [opened, () => setLogins(logins + 1)];
}

const troubleMs = 8000;

/** Says what was refused, for a while. */
function Trouble({ account }: { readonly account: Account }): View {
  const [seen, setSeen] = useState(0);
  const { trouble } = account;
  const n = trouble?.n ?? 0;
  useEffect(() => {
    const timer = setTimeout(() => setSeen(n), troubleMs);
    return () => clearTimeout(timer);
  }, [n]);
  return h(
    "div",
    { class: "trouble", role: "alert" },
    trouble !== undefined &&
      trouble.n > seen && [
        h("p", { key: n }, trouble.words),
        h(
          "button",
          { type: "button", class: "icon-button", "aria-label": words.page.close, onClick: () => setSeen(n) },
          h(Icon, { name: "close" }),
        ),
      ],
  );
}

/** The message that came last, for those who listen to the page. */
function newsOf(account: Account | undefined): string {
  const room = account?.news && account.client.getRoom(account.news.getRoomId());
  if (account?.news === undefined || room === undefined || room === null) return "";
  return words.chat.arrived(nameIn(room, account.news.getSender(), account.userId), summaryOf(account.news));
}

interface ClientPaneProps {
  readonly opened: Opened | undefined;
  readonly view: DemoView;
  readonly me: DemoPerson;
  readonly open: string | undefined;
  readonly seen: boolean;
  readonly onLogIn: () => void;
}

function ClientPane({ opened, view, me, open, seen, onLogIn }: ClientPaneProps): View {
  const account = opened?.account;
  const room = open === undefined ? undefined : (account?.client.getRoom(open) ?? undefined);
  return h(
    "section",
    { class: `client ${open === undefined ? "at-rooms" : "at-room"}`, "aria-label": me.name },
    account?.state === "away" && h("p", { class: "banner", role: "status" }, words.link.away),
    account?.state === "ended" &&
      h(
        "p",
        { class: "banner", role: "status" },
        `${words.link.ended} `,
        h("button", { type: "button", class: "link", onClick: onLogIn }, words.link.again),
      ),
    h(RoomsPane, { account, view, me, open }),
    opened && room
      ? h(ChatPane, {
          key: room.roomId,
          account: opened.account,
          uploads: opened.uploads,
          view,
          me,
          room,
          seen,
        })
      : h(
          "div",
          { class: "chat" },
          h(
            "p",
            { class: "empty muted" },
            account?.state === "live" ? words.rooms.choose : words.link.connecting,
          ),
        ),
    account && h(Trouble, { account }),
    h("p", { class: "unseen", role: "status" }, newsOf(account)),
  );
}

/** The room that is shown at first where there is place for it: the chat in which something was written last. */
function firstRoom(account: Account | undefined, view: DemoView): string | undefined {
  const rooms = (account?.rooms() ?? []).filter((room) => !room.isSpaceRoom());
  const chats = rooms.filter((room) => phoneOf(room, view) !== undefined);
  const bot = rooms.filter((room) => isBotRoom(room, view.botId));
  const [newest] = [
    chats.toSorted((a, b) => b.getLastActiveTimestamp() - a.getLastActiveTimestamp()),
    bot,
  ].flat();
  return newest?.roomId;
}

export function App(): View {
  const [, changed] = useReducer((n: number) => n + 1, 0);
  const [view, setView] = useState<DemoView>();
  const [gone, setGone] = useState(false);
  const [tab, setTab] = useState<"client" | "phone">("client");
  const [unread, setUnread] = useState(0);
  const [trying, setTrying] = useState(false);
  const link = useRef<DemoLink>(undefined);
  const narrow = useNarrow();
  useEffect(() => {
    link.current = new DemoLink((told) => {
      setGone(told === undefined);
      if (told !== undefined) setView(told);
    });
    return () => link.current?.close();
  }, []);
  const route = useRoute();
  const me = view?.people.find(({ localpart }) => localpart === route.person) ?? view?.people[0];
  const [opened, logInAgain] = useAccount(me, view, () => changed(undefined));
  const account = opened?.account;
  const live = account?.state === "live";
  const open = route.room ?? (narrow || view === undefined ? undefined : firstRoom(account, view));
  const done = useDone(account, view ?? noView);
  // The phone of the open chat stays at hand while one writes to the bot.
  const phones = useRef<string>(undefined);
  const room = open === undefined ? undefined : account?.client.getRoom(open);
  const other = view && phoneOf(room ?? undefined, view);
  if (other !== undefined) phones.current = other.person;
  const phone = other ?? view?.phones.find(({ person }) => person === phones.current) ?? view?.phones[0];
  useEffect(() => {
    // So that what one does next has a place to come back to.
    if (live && route.room === undefined && open !== undefined && me !== undefined)
      location.replace(hashOf({ person: me.localpart, room: open }));
  }, [live, open]);
  const news = account?.rooms().reduce((sum, one) => sum + unreadOf(one), 0) ?? 0;
  useEffect(() => {
    document.title = `${news > 0 ? `(${news}) ` : ""}${words.page.title}`;
  }, [news]);
  if (view === undefined || me === undefined || !view.ready) {
    return h(
      "main",
      { class: "starting" },
      h("h1", null, words.page.title),
      h("p", { role: "status" }, gone ? words.page.gone : words.page.starting),
      h("p", { class: "muted small" }, gone ? "" : (view?.step ?? "")),
    );
  }
  return h(
    "div",
    { class: "both" },
    h(
      "header",
      { class: "top" },
      h("h1", null, words.page.title),
      h("p", { class: "muted small lead" }, words.page.lead),
      h(PartsBar, { view, onTurned: () => link.current?.look() }),
      h(
        "button",
        { type: "button", class: "small open-tries", onClick: () => setTrying(true) },
        words.tries.title,
      ),
      narrow &&
        h(Tabs, {
          tab,
          names: {
            client: me.name,
            phone: phone ? words.page.phoneOf(phone.name.split(" ")[0] ?? "") : words.page.phone,
          },
          news: { client: news > 0, phone: unread > 0 },
          onChoose: setTab,
        }),
    ),
    gone && h("p", { class: "banner", role: "status" }, words.page.gone),
    h(
      "main",
      { class: `panes at-${tab}` },
      h(ClientPane, { opened, view, me, open, seen: !narrow || tab === "client", onLogIn: logInAgain }),
      h(PhonePane, {
        view,
        phone,
        withWhom: phone?.network === "signal" ? me.signal : me.userId,
        seen: !narrow || tab === "phone",
        onUnread: setUnread,
      }),
      h(
        "aside",
        { class: "side card", "aria-label": words.tries.title },
        h("h2", null, words.tries.title),
        h("p", { class: "small muted" }, words.tries.lead),
        h(TryThis, { done, name: phone?.name ?? "" }),
      ),
    ),
    trying &&
      h(
        Sheet,
        { title: words.tries.title, onClose: () => setTrying(false) },
        h("p", { class: "small muted" }, words.tries.lead),
        h(TryThis, { done, name: phone?.name ?? "" }),
      ),
  );
}

const noView: DemoView = {
  homeserver: "",
  origins: [],
  botId: "",
  ready: false,
  step: "",
  parts: { homeserver: "starting", bridge: "starting", gatekeeper: "starting" },
  people: [],
  phones: [],
};
