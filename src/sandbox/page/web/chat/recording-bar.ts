import { useEffect, useReducer } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { Icon } from "../../../../page/web/icon.ts";
import { minutes } from "../phone-time.ts";
import { words } from "../words.ts";
import type { Recorder } from "./recorder.ts";

interface RecordingBarProps {
  readonly recorder: Recorder;
  /** Called while it goes on, several times a second. */
  readonly onGoesOn: () => void;
  readonly onSend: () => void;
  readonly onCancel: () => void;
}

/** Stands in the composer's place while a voice note is recorded. */
export function RecordingBar({ recorder, onGoesOn, onSend, onCancel }: RecordingBarProps): View {
  const [, tick] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => {
      tick(undefined);
      onGoesOn();
    }, 250);
    return () => clearInterval(timer);
  }, []);
  return h(
    "div",
    { class: "write" },
    h(
      "button",
      { type: "button", class: "icon-button", "aria-label": words.voice.cancel, onClick: onCancel },
      h(Icon, { name: "close" }),
    ),
    h(
      "p",
      { class: "recording" },
      h("span", { role: "status" }, words.voice.recording),
      ` ${minutes(recorder.seconds)}`,
    ),
    h(
      "button",
      { type: "button", class: "primary icon-button", "aria-label": words.voice.send, onClick: onSend },
      h(Icon, { name: "send" }),
    ),
  );
}
