import { useEffect, useRef, useState } from "preact/hooks";
import { h, type View } from "../../../../src/page/web/dom.ts";
import type { DemoPhone, DemoView } from "../model/demo-state.ts";
import { words } from "./words.ts";

interface PhonePaneProps {
  readonly view: DemoView;
  readonly phone: DemoPhone | undefined;
  /** Who the other end of the chat is, by their visible id. */
  readonly withWhom: string;
  /** Whether the phone is on screen. */
  readonly seen: boolean;
  readonly onUnread: (count: number) => void;
}

const placeOf = ({ person }: DemoPhone, whom: string): string =>
  `/phone/#/${encodeURIComponent(person)}/chat/${encodeURIComponent(whom)}`;

/** The phone at the other end: its page in a frame. */
export function PhonePane({ view, phone, withWhom, seen, onUnread }: PhonePaneProps): View {
  const { origins } = view;
  const frame = useRef<HTMLIFrameElement>(null);
  /** Whose page in the frame has spoken last. */
  const [heard, setHeard] = useState<string>();
  const answered = heard !== undefined;
  const up = phone?.network === "signal" || view.parts.gatekeeper === "up";
  const place = phone && phone.origin + placeOf(phone, withWhom);
  // A frame that was opened while nobody answered stays empty, so it waits; later the phone's page sees to itself.
  const there = place !== undefined && (up || answered);
  const origin = phone?.origin ?? "";
  const first = useRef<string>(undefined);
  if (there) first.current ??= place;
  useEffect(() => {
    const hear = ({ source, origin, data }: MessageEvent): void => {
      const window = frame.current?.contentWindow;
      if (window === undefined || window === null || source !== window || !origins.includes(origin)) return;
      const { kind, unread } = data as { readonly kind?: unknown; readonly unread?: unknown };
      if (kind !== "phone" || typeof unread !== "number") return;
      setHeard(origin);
      onUnread(unread);
    };
    addEventListener("message", hear);
    return () => removeEventListener("message", hear);
  }, [origins.join(" ")]);
  useEffect(() => {
    // Replaced, so that going back on this page does not go through the frame's places.
    if (answered && place !== undefined) frame.current?.contentWindow?.location.replace(place);
  }, [place, answered]);
  useEffect(() => {
    if (heard === origin) frame.current?.contentWindow?.postMessage({ kind: "seen", seen }, origin);
  }, [seen, heard, origin]);
  const network = phone?.network ?? "";
  return h(
    "section",
    { class: `device ${network}`, "aria-label": phone ? words.page.phoneOf(phone.name) : words.page.phone },
    there
      ? h("iframe", {
          ref: frame,
          src: first.current ?? "",
          title: words.page.phoneOf(phone?.name ?? ""),
          // Named, since the frame goes on to other phones than the one that it was opened with.
          allow: `microphone ${origins.join(" ")}; clipboard-write ${origins.join(" ")}`,
        })
      : h(
          "p",
          { class: "empty muted", role: "status" },
          up ? words.phone.none : view.parts.gatekeeper === "away" ? words.phone.away : words.phone.waits,
        ),
  );
}
