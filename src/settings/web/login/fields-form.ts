import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import type { InputStep, LoginField } from "../api/answers.ts";
import { capital } from "../cards/network-row.ts";
import { ActButton } from "../parts/act-button.ts";
import { useSpeech } from "../words/speech.ts";

type Values = Readonly<Record<string, string>>;

interface FieldsFormProps {
  readonly step: InputStep;
  readonly submit: string;
  readonly isBusy: boolean;
  readonly onSubmit: (values: Values) => Promise<unknown>;
  readonly onCancel: () => Promise<unknown>;
}

/** How a browser is to fill and show a field. */
const inputs: Readonly<Record<Exclude<LoginField["type"], "select">, Readonly<Record<string, string>>>> = {
  username: { type: "text", autocomplete: "username", autocapitalize: "none", spellcheck: "false" },
  phone_number: { type: "tel", autocomplete: "tel" },
  email: { type: "email", autocomplete: "email" },
  "2fa_code": { type: "text", inputmode: "numeric", autocomplete: "one-time-code" },
  password: { type: "password", autocomplete: "off" },
};

/** The fields of a login's step, with what was wrong with them. */
export function FieldsForm({ step, submit, isBusy, onSubmit, onCancel }: FieldsFormProps): View {
  const speech = useSpeech();
  const { fields } = step.user_input;
  const [values, setValues] = useState<Values>({});
  const [missing, setMissing] = useState<string>();
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  const { problem } = step;
  const wrong = (field: LoginField): string | undefined => {
    if (field.id === missing) return speech.words.login.missing;
    return problem?.field === field.id ? problem.words : undefined;
  };
  useLayoutEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid=true], input, select")?.focus();
  }, [problem, missing]);
  const send = async (): Promise<void> => {
    const empty = fields.find((field) => field.required && (values[field.id] ?? "").trim() === "");
    setMissing(empty?.id);
    if (empty === undefined) await onSubmit(values);
  };
  const entry = (field: LoginField): View => {
    const set = (event: Event): void =>
      setValues({ ...values, [field.id]: (event.currentTarget as HTMLInputElement).value });
    const said = wrong(field);
    const about = {
      "aria-invalid": said !== undefined,
      "aria-describedby": `${id}-${field.id}`,
      value: values[field.id] ?? "",
    };
    return h(
      "label",
      { key: field.id },
      h("span", speech.foreign, capital(field.name)),
      field.type === "select"
        ? h(
            "select",
            { ...about, onChange: set },
            ["", ...(field.options ?? [])].map((option) =>
              h("option", { key: option, value: option }, option),
            ),
          )
        : h("input", { ...inputs[field.type], ...about, onInput: set }),
      h(
        "span",
        {
          id: `${id}-${field.id}`,
          class: `small ${said === undefined ? "muted" : "wrong"}`,
          ...speech.foreign,
        },
        said ?? field.description,
      ),
    );
  };
  return h(
    "form",
    {
      ref: form,
      class: "stack",
      noValidate: true,
      onSubmit: (event: Event) => {
        event.preventDefault();
        if (!isBusy) void send();
      },
    },
    h(
      "div",
      { role: "alert" },
      problem &&
        !fields.some((field) => field.id === problem.field) &&
        h("p", { class: "note bad", ...speech.foreign }, problem.words),
    ),
    fields.map(entry),
    h(
      "div",
      { class: "acts" },
      h(ActButton, { act: onCancel }, speech.words.page.cancel),
      h(
        "button",
        { type: "submit", class: `primary ${isBusy ? "busy" : ""}`, "aria-disabled": isBusy },
        submit,
      ),
    ),
  );
}
