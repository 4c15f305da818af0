import { h, type View } from "../../../page/web/dom.ts";
import { languageNames, useSpeech } from "../words/speech.ts";

/** The languages, each by its own name. */
export function LanguageChoice({ onLanguage }: { readonly onLanguage: (code: string) => void }): View {
  const { code, words } = useSpeech();
  return h(
    "select",
    {
      class: "language",
      "aria-label": words.page.chooseLanguage,
      value: code,
      onChange: (event: Event) => onLanguage((event.currentTarget as HTMLSelectElement).value),
    },
    Array.from(languageNames, ([value, name]) =>
      h("option", { key: value, value, lang: value, selected: value === code }, name),
    ),
  );
}
