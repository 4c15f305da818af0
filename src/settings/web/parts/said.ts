import { useEffect, useRef, useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import { Icon } from "../../../page/web/icon.ts";
import { Refusal } from "../api/refusal.ts";
import type { Person, Said } from "../state/person.ts";
import { type Speech, useSpeech } from "../words/speech.ts";

/** A refusal in the page's words, where it has some; else in the bridge's, which are English. */
export function refusalWords({ words }: Speech, { status, message }: Refusal): string {
  if (status === 0) return words.link.noAnswer;
  if (status === 429) return words.link.slowDown;
  return message;
}

/** `lang` for a refusal in the bridge's words. */
export const refusalLang = (speech: Speech, refusal: Refusal): { readonly lang?: string } =>
  refusalWords(speech, refusal) === refusal.message ? speech.foreign : {};

/** What went wrong while a sheet is open, in it: all that is behind a modal dialog can be neither read nor heard. */
export function TroubleInSheet({ person }: { readonly person: Person }): View {
  const speech = useSpeech();
  const { said } = person;
  const before = useRef(said?.n ?? 0);
  const shown = said?.kind === "trouble" && said.n > before.current ? said : undefined;
  return h(
    "div",
    { role: "alert" },
    shown && h(SaidWords, { key: shown.n, class: "note bad", speech, said: shown }),
  );
}

function SaidWords(props: { readonly class?: string; readonly speech: Speech; readonly said: Said }): View {
  const { class: look, speech, said } = props;
  const { words } = said;
  return words instanceof Refusal
    ? h("p", { class: look, ...refusalLang(speech, words) }, refusalWords(speech, words))
    : h("p", { class: look, ...(said.isForeign ? speech.foreign : {}) }, words);
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
    return h(
      "div",
      { key: n, class: `said ${kind} arrives` },
      h(SaidWords, { speech, said: shown }),
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
