import { useRef, useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { Icon } from "../../../../page/web/icon.ts";
import { minutes } from "../phone-time.ts";
import { words } from "../words.ts";

const flat = Array.from({ length: 32 }, () => 20);

interface VoiceNoteProps {
  readonly src: string;
  readonly seconds: number;
  readonly waveform: readonly number[] | undefined;
  readonly onError: () => void;
  readonly onFirstPlay: () => void;
}

/** A recording with its loudness drawn; what was heard is filled. */
export function VoiceNote({ src, seconds, waveform = flat, onError, onFirstPlay }: VoiceNoteProps): View {
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const bars = waveform.length === 0 ? flat : waveform;
  const toggle = (): void => {
    const { current } = audio;
    if (current === null) return;
    if (!current.paused) return current.pause();
    onFirstPlay();
    current.play().catch(onError);
  };
  const label = playing ? words.media.pause : words.media.play(minutes(seconds));
  return h(
    "div",
    { class: "voice" },
    h(
      "button",
      { type: "button", class: "icon-button", "aria-label": label, onClick: toggle },
      h(Icon, { name: playing ? "pause" : "play" }),
    ),
    h(
      "svg",
      {
        viewBox: `0 0 ${bars.length * 3} 24`,
        preserveAspectRatio: "none",
        "aria-hidden": "true",
        class: "wave",
      },
      bars.map((loud, i) => {
        const height = 2 + (Math.min(100, Math.max(0, loud)) / 100) * 22;
        const heard = seconds > 0 && i / bars.length < at / seconds;
        return h("rect", { x: i * 3, y: 12 - height / 2, width: 2, height, class: heard ? "heard" : "" });
      }),
    ),
    h("span", { class: "small muted" }, minutes(playing || at > 0 ? at : seconds)),
    h("audio", {
      ref: audio,
      src,
      preload: "none",
      onPlay: () => setPlaying(true),
      onPause: () => setPlaying(false),
      onEnded: () => setAt(0),
      onTimeUpdate: () => setAt(audio.current?.currentTime ?? 0),
      onError,
    }),
  );
}
