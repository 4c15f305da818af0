import { useId, useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import type { InputStep } from "../api/answers.ts";
import { capital } from "../cards/network-row.ts";
import { ActButton } from "../parts/act-button.ts";
import { useSpeech } from "../words/speech.ts";

const MOST_LINES = 3;

interface NoticeFormProps {
  readonly step: InputStep;
  readonly isBusy: boolean;
  /** Says yes, with what was asked beside. */
  readonly onAgree: (beside: Readonly<Record<string, string>>) => Promise<unknown>;
  readonly onCancel: () => Promise<unknown>;
}

/** What is agreed to: three lines, the whole behind them, and what the network asks beside. */
export function NoticeForm({ step, isBusy, onAgree, onCancel }: NoticeFormProps): View {
  const speech = useSpeech();
  const { words } = speech;
  const { notice, problem } = step;
  const [beside, setBeside] = useState("");
  const id = useId();
  if (notice === undefined) return h("div", null);
  const translated = notice.translations?.[speech.code];
  const { paragraphs, agreement } = translated ?? notice;
  const language = translated ? {} : speech.foreign;
  const summary =
    (translated ?? notice).summary ?? (paragraphs.length <= MOST_LINES ? paragraphs : undefined);
  const field = step.user_input.fields.find(({ type }) => type !== "select");
  const agree = (): Promise<unknown> =>
    onAgree(field === undefined || beside.trim() === "" ? {} : { [field.id]: beside.trim() });
  return h(
    "form",
    {
      class: "stack",
      onSubmit: (event: Event) => {
        event.preventDefault();
        if (!isBusy) void agree();
      },
    },
    summary &&
      h(
        "ul",
        { class: "lines", ...language },
        summary.map((line) => h("li", { key: line }, line)),
      ),
    summary !== paragraphs &&
      h(
        "details",
        { open: summary === undefined },
        h("summary", null, words.login.whole),
        h(
          "div",
          { class: "stack whole", ...language },
          paragraphs.map((line) => h("p", { key: line }, line)),
        ),
      ),
    field &&
      h(
        "label",
        null,
        h("span", speech.foreign, capital(field.name)),
        h("input", {
          value: beside,
          autocomplete: "off",
          "aria-describedby": problem === undefined ? `${id}-more` : `${id}-wrong`,
          "aria-invalid": problem !== undefined,
          onInput: (event: Event) => setBeside((event.currentTarget as HTMLInputElement).value),
        }),
        field.description !== undefined &&
          h("span", { class: "small muted", id: `${id}-more`, ...speech.foreign }, field.description),
      ),
    h(
      "div",
      { role: "alert" },
      problem && h("p", { class: "note bad", id: `${id}-wrong`, ...speech.foreign }, problem.words),
    ),
    h("p", { class: "small muted" }, speech.fill(words.login.saysYes, { agreement })),
    h(
      "div",
      { class: "acts" },
      h(ActButton, { act: onCancel }, words.login.notNow),
      h(
        "button",
        {
          type: "submit",
          class: `primary ${isBusy ? "busy" : ""}`,
          "aria-disabled": isBusy,
        },
        words.login.agree,
      ),
    ),
  );
}
