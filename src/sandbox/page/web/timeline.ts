import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Chat, Message } from "../model/phone.ts";
import { Bubble, plainContent } from "./bubble.ts";
import { h, type View } from "./dom.ts";
import { dayOf } from "./phone-time.ts";
import type { Pending, PlayedPhone } from "./played-phone.ts";
import { tickOf } from "./tick.ts";
import { words } from "./words.ts";

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
    h("button", { class: "link", onClick: () => void phone.again(pending) }, words.chat.again),
    " ",
    h("button", { class: "link", onClick: () => phone.discard(pending) }, words.chat.discard),
  );
}

/** The messages of a chat. It stays at its end while one is there, and where one has scrolled to otherwise. */
export function Timeline({ phone, chat }: { readonly phone: PlayedPhone; readonly chat: Chat }): View {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const pending = phone.pending.filter(({ item }) => item.chat === chat.with);
  const length = chat.messages.length + pending.length;
  useLayoutEffect(() => {
    const { current } = box;
    if (current !== null && atEnd.current) current.scrollTop = current.scrollHeight;
  });
  useEffect(() => {
    atEnd.current = true;
  }, [chat.with, pending.length]);
  const onScroll = (): void => {
    const { current } = box;
    if (current === null) return;
    atEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < nearEnd;
  };
  let day = "";
  const lines = chat.messages.flatMap((message) => {
    const { item } = message;
    const own = item.own === true;
    const today = dayOf(item.at);
    const head = today === day ? [] : [h("p", { class: "notice", key: `day ${today}` }, today)];
    day = today;
    const bubble = h(
      Bubble,
      {
        key: `${own ? "own" : "in"} ${item.id}`,
        message,
        answered: answeredBy(chat, message),
        tick: own ? tickOf(message) : undefined,
      },
      plainContent(message),
    );
    return [...head, bubble];
  });
  return h(
    "div",
    {
      class: "lines scroll",
      ref: box,
      onScroll,
      tabIndex: 0,
      role: "log",
      "aria-label": chat.name,
      "aria-live": "off",
    },
    phone.link.cut && h("p", { class: "notice" }, words.chat.cut),
    length === 0 && h("p", { class: "notice" }, words.chat.empty),
    lines,
    pending.map((one) =>
      h(
        Bubble,
        {
          key: `own ${one.item.id}`,
          message: { item: one.item },
          answered: answeredBy(chat, { item: one.item }),
          tick: one.failed === undefined ? "sending" : undefined,
          after: one.failed === undefined ? undefined : failedActs(phone, one),
        },
        plainContent({ item: one.item }),
      ),
    ),
    chat.typing &&
      h("p", { class: "typing muted small" }, chat.typing.voice ? words.chats.recording : words.chats.typing),
  );
}
