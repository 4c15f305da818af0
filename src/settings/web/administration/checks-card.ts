import { useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import { ActButton } from "../parts/act-button.ts";
import { Card } from "../parts/card.ts";
import type { Person } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import type { Checked } from "./answers.ts";

const chips = { good: "good", note: "off", bad: "bad", untried: "warn" } as const;

/** Tries each link between the bridge and what it needs, and says what is wrong and the cure. */
export function ChecksCard({ person }: { readonly person: Person }): View {
  const speech = useSpeech();
  const { bridge } = speech.words;
  const [checked, setChecked] = useState<Checked>();
  const check = (): Promise<unknown> =>
    person.does(async () => setChecked(await person.api.carriedOut<Checked>("/admin/v1/checks")));
  const bad = checked?.links.flatMap(({ findings }) => findings).filter(({ kind }) => kind === "bad") ?? [];
  return h(
    Card,
    { title: bridge.checks, beside: h(ActButton, { act: check }, bridge.check) },
    checked === undefined && h("p", { class: "muted" }, bridge.checkHint),
    h(
      "p",
      { role: "status", class: checked === undefined ? "unseen" : "strong" },
      checked && (bad.length === 0 ? bridge.allGood : speech.count(bridge.wrong, bad.length, {})),
    ),
    checked &&
      h(
        "ul",
        { class: "plain rowed" },
        checked.links.map(({ name, findings }) =>
          h(
            "li",
            { key: name },
            h("h3", speech.foreign, name),
            findings.map(({ kind, what, where, cure }) =>
              h(
                "div",
                { key: what, class: "finding" },
                h("span", { class: `chip ${chips[kind]}` }, bridge.kinds[kind]),
                h(
                  "div",
                  { class: "grow", ...speech.foreign },
                  h("p", { class: "small wraps" }, what),
                  where !== undefined && h("p", { class: "small mono muted wraps" }, where),
                  cure !== undefined && h("p", { class: "small strong wraps" }, cure),
                ),
              ),
            ),
          ),
        ),
      ),
  );
}
