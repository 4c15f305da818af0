import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { type Chat, isGroupChat, type Message } from "../../model/phone.ts";
import { typingNow } from "../../model/typing.ts";
import { mediaAddress } from "../link/control-api.ts";
import type { Pending, PlayedPhone } from "../link/played-phone.ts";
import { dayOf } from "../phone-time.ts";
import { words } from "../words.ts";
import { Bubble } from "./bubble.ts";
import { contentOf } from "./content.ts";
import { summaryOf, typingWords } from "./summary.ts";
import { tickOf } from "./tick.ts";

/** Pixels from the end at which one still reads along. */
const nearEnd = 80;

function answeredBy(chat: Chat, { item }: Message): Message | undefined | null {
  if (item.target === undefined) return null;
  return chat.messages.findLast((one) => one.item.id === item.target);
}

function failedActs(phone: PlayedPhone, pending: Pending): View {
  return h(
    "p",
    { class: "failed small", role: "alert" },
    `${words.chat.failed} ${pending.failed} `,
    h(
      "button",
      { type: "button", class: "link", onClick: () => void phone.again(pending) },
      words.chat.again,
    ),
    " ",
    h("button", { type: "button", class: "link", onClick: () => phone.discard(pending) }, words.chat.discard),
  );
}

function pendingBubble(phone: PlayedPhone, chat: Chat, pending: Pending): View {
  const message: Message = { item: pending.item };
  const failed = pending.failed !== undefined;
  return h(
    Bubble,
    {
      key: `own ${isGroupChat(chat.with) ? pending.item.from : ""} ${pending.item.id}`,
      message,
      answered: answeredBy(chat, message),
      tick: failed ? undefined : "sending",
      after: failed && failedActs(phone, pending),
    },
    contentOf(message, pending.file ?? "", () => undefined),
  );
}

function bubble(
  phone: PlayedPhone,
  chat: Chat,
  message: Message,
  before: Message | undefined,
  onActs: () => void,
): View {
  const { item, marked } = message;
  const own = item.own === true;
  if (item.kind === "group") return h("p", { class: "notice", key: `group ${item.id}` }, summaryOf(message));
  const goesOn = before?.item.from === item.from && before.item.kind !== "group";
  const played = (): void => {
    if (!own && marked !== "played") void phone.does("plays", { to: chat.with, target: item.id });
  };
  return h(
    Bubble,
    {
      key: `${own ? "own" : "in"} ${isGroupChat(chat.with) ? item.from : ""} ${item.id}`,
      message,
      answered: answeredBy(chat, message),
      sender: isGroupChat(chat.with) && !own && !goesOn ? item.from_name : undefined,
      tick: own ? tickOf(message) : undefined,
      onActs,
    },
    contentOf(message, mediaAddress(phone.person, item.id), played),
  );
}

interface TimelineProps {
  readonly phone: PlayedPhone;
  readonly chat: Chat;
  readonly name: string;
  readonly onActs: (message: Message) => void;
}

/** The messages of a chat. It stays at its end while one is there, and where one has scrolled to otherwise. */
export function Timeline({ phone, chat, name, onActs }: TimelineProps): View {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const pending = phone.pending.filter(({ item }) => item.chat === chat.with);
  useEffect(() => {
    atEnd.current = true;
  }, [chat.with, pending.length]);
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    const follow = (): void => {
      if (atEnd.current) current.scrollTop = current.scrollHeight;
    };
    follow();
    // Pictures take their height when they come.
    current.addEventListener("load", follow, { capture: true });
    return () => current.removeEventListener("load", follow, { capture: true });
  });
  const onScroll = (): void => {
    const { current } = box;
    if (current === null) return;
    atEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < nearEnd;
  };
  const lines = chat.messages.flatMap((message, i) => {
    const day = dayOf(message.item.at);
    const before = chat.messages[i - 1];
    const sameDay = before !== undefined && dayOf(before.item.at) === day;
    const line = bubble(phone, chat, message, before, () => onActs(message));
    return sameDay ? [line] : [h("p", { class: "notice", key: `day ${i}` }, day), line];
  });
  const typing = typingNow(chat);
  return h(
    "div",
    {
      class: "lines scroll",
      ref: box,
      onScroll,
      tabIndex: 0,
      role: "log",
      "aria-label": name,
      "aria-live": "off",
    },
    phone.link.cut && h("p", { class: "notice" }, words.chat.cut),
    lines.length + pending.length === 0 && h("p", { class: "notice" }, words.chat.empty),
    // One list, so that a bubble stays the same element when its message is taken.
    [...lines, ...pending.map((one) => pendingBubble(phone, chat, one))],
    typing && h("p", { class: "typing muted small" }, typingWords(typing)),
  );
}
