import { useLayoutEffect, useRef } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import { useSpeech } from "../words/speech.ts";
import { LanguageChoice } from "./language-choice.ts";

interface OverProps {
  /** Why, as the bridge says it; absent where the session came to its end. */
  readonly words: string | undefined;
  readonly bot: string | undefined;
  readonly onLanguage: (code: string) => void;
}

/** Nobody is signed in: one sentence, and how to get a new link. */
export function Over({ words: why, bot, onLanguage }: OverProps): View {
  const speech = useSpeech();
  const { words } = speech;
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => title.current?.focus(), []);
  const again =
    bot === undefined || bot === "" ? words.link.againAnyBot : speech.fill(words.link.again, { bot });
  return h(
    "main",
    { class: "page narrow" },
    h("h1", null, words.page.title),
    h(
      "section",
      { class: "card arrives" },
      h("h2", { ref: title, tabIndex: -1 }, words.link.over),
      why !== undefined && why !== "" && h("p", { ...speech.foreign }, why),
      h("p", null, again),
    ),
    h("footer", { class: "foot" }, h(LanguageChoice, { onLanguage })),
  );
}

/** The bridge does not answer before anything is known. */
export function Away(): View {
  const { words } = useSpeech();
  return h(
    "main",
    { class: "page narrow" },
    h("h1", null, words.page.title),
    h("p", { class: "note", role: "status" }, words.link.awayAtFirst),
  );
}
