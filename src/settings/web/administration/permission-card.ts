import { useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import { path } from "../api/api.ts";
import { Refusal } from "../api/refusal.ts";
import { Card } from "../parts/card.ts";
import { refusalLang, refusalWords } from "../parts/said.ts";
import type { Person } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import type { Permission } from "./answers.ts";

/** “May @x use this?”, and by which entry of the configuration. */
export function PermissionCard({ person }: { readonly person: Person }): View {
  const speech = useSpeech();
  const { permission } = speech.words;
  const [who, setWho] = useState("");
  const [answer, setAnswer] = useState<Permission | Refusal>();
  const ask = async (): Promise<void> => {
    if (who.trim() === "") return;
    const route = path(["admin", "v1", "permissions", who.trim()]);
    setAnswer(await person.api.ask<Permission>("GET", route).catch(Refusal.from));
  };
  const words = (): string => {
    if (answer === undefined) return "";
    if (answer instanceof Refusal) return refusalWords(speech, answer);
    const user = answer.user_id;
    const may = speech.fill(permission[answer.level], { user });
    const why =
      answer.entry === undefined
        ? permission.noEntry
        : speech.fill(permission.entry, { entry: answer.entry });
    return `${may} ${why}`;
  };
  return h(
    Card,
    { title: permission.title },
    h(
      "form",
      {
        class: "asks",
        onSubmit: (event: Event) => {
          event.preventDefault();
          void ask();
        },
      },
      h("input", {
        "aria-label": permission.who,
        placeholder: "@ana:example.org",
        autocomplete: "off",
        autocapitalize: "none",
        spellcheck: false,
        value: who,
        onInput: (event: Event) => {
          setWho((event.currentTarget as HTMLInputElement).value);
          setAnswer(undefined);
        },
      }),
      h("button", { type: "submit" }, permission.ask),
    ),
    h(
      "p",
      {
        role: "status",
        ...(answer instanceof Refusal ? { class: "wrong", ...refusalLang(speech, answer) } : {}),
      },
      words(),
    ),
  );
}
