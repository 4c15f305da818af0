import { useEffect, useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import { Icon } from "../../../page/web/icon.ts";
import { Refusal } from "../api/refusal.ts";
import type { Person } from "../state/person.ts";
import { type Speech, useSpeech } from "../words/speech.ts";

/** A refusal in the page's words, where it has some; else in the bridge's, which are English. */
export function refusalWords({ words }: Speech, { status, message }: Refusal): string {
  if (status === 0) return words.link.noAnswer;
  if (status === 429) return words.link.slowDown;
  return message;
}

const DONE_STAYS = 5_000;

/** What became of the last act. What went wrong stays until it is put away or something else is done. */
export function SaidLine({ person }: { readonly person: Person }): View {
  const speech = useSpeech();
  const [seen, setSeen] = useState(0);
  const { said } = person;
  const n = said?.n ?? 0;
  useEffect(() => {
    if (said?.kind !== "done") return undefined;
    const timer = setTimeout(() => setSeen(n), DONE_STAYS);
    return () => clearTimeout(timer);
  }, [n]);
  const shown = said !== undefined && n > seen ? said : undefined;
  const line = (kind: "done" | "trouble") => {
    if (shown?.kind !== kind) return undefined;
    const text = shown.words instanceof Refusal ? refusalWords(speech, shown.words) : shown.words;
    const lang = shown.words instanceof Refusal && text === shown.words.message ? speech.foreign : {};
    return h(
      "div",
      { key: n, class: `said ${kind} arrives` },
      h("p", lang, text),
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": speech.words.page.dismiss,
          onClick: () => setSeen(n),
        },
        h(Icon, { name: "close" }),
      ),
    );
  };
  return h(
    "div",
    { class: "said-place" },
    h("div", { role: "status" }, line("done")),
    h("div", { role: "alert" }, line("trouble")),
  );
}
