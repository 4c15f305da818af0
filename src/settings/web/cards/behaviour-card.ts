import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import { Switch, useChoice } from "../../../page/web/switch.ts";
import type { Setting } from "../api/answers.ts";
import { path } from "../api/api.ts";
import { ActButton } from "../parts/act-button.ts";
import { Card } from "../parts/card.ts";
import type { Person, PersonFacts } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import { typedWords } from "./typed-words.ts";

interface SettingProps {
  readonly person: Person;
  readonly setting: Setting;
}

/** Chooses, and knows afterwards what holds: nothing of it is still to come. */
async function choose(person: Person, name: string, value: string): Promise<false> {
  await person.does(() => person.api.inTurn("PUT", path(["person", "v1", "settings", name]), { value }));
  return false;
}

/** Where the chats are: two pictures to choose from. */
function Inbox({ person, setting }: SettingProps): View {
  const { words } = useSpeech();
  const [shown, pick] = useChoice(setting.value ?? "separate", (mode) => choose(person, "inbox", mode));
  const options = [
    { mode: "combined", title: words.settings.combined, hint: words.settings.combinedHint },
    { mode: "separate", title: words.settings.separate, hint: words.settings.separateHint },
  ] as const;
  return h(
    "fieldset",
    { class: "inbox" },
    h("legend", null, words.settings.inbox),
    h(
      "div",
      { class: "two" },
      options.map(({ mode, title, hint }) =>
        h(
          "label",
          { key: mode, class: `picked ${shown === mode ? "is" : ""}` },
          h(
            "span",
            { class: "row" },
            h("input", { type: "radio", name: "inbox", checked: shown === mode, onChange: () => pick(mode) }),
            h("span", { class: "grow strong" }, title),
          ),
          h(
            "span",
            { class: `mini ${mode}`, "aria-hidden": "true" },
            [0, 1, 2, 3].map((n) =>
              h("i", { key: n, class: (mode === "combined" ? n % 2 === 1 : n > 1) ? "ours" : "" }),
            ),
          ),
          h("span", { class: "small muted" }, hint),
        ),
      ),
    ),
  );
}

/** A setting with its name and choices as the bridge has them, or in the page's words where it knows it. */
function OnOff({ person, setting }: SettingProps): View {
  const { words } = useSpeech();
  const known: Readonly<Record<string, { readonly label: string; readonly hint: string }>> = {
    receipts: { label: words.settings.receipts, hint: words.settings.receiptsHint },
    stories: { label: words.settings.stories, hint: words.settings.storiesHint },
    calls: { label: words.settings.calls, hint: words.settings.callsHint },
    requests: { label: words.settings.requests, hint: words.settings.requestsHint },
  };
  const { label, hint } = known[setting.name] ?? { label: setting.name, hint: setting.words };
  return h(Switch, {
    label,
    hint,
    on: setting.value === "on",
    act: (on: boolean) => choose(person, setting.name, on ? "on" : "off"),
  });
}

/** A setting with several choices. */
function Chosen({ person, setting }: SettingProps): View {
  const speech = useSpeech();
  const { settings } = speech.words;
  const [shown, pick] = useChoice(setting.value ?? "", (value) => choose(person, setting.name, value));
  const isKnown = setting.name === "statuses";
  const label = isKnown ? settings.statuses : setting.name;
  const name = (value: string): string =>
    value in settings.choices ? settings.choices[value as keyof typeof settings.choices] : value;
  return h(
    "div",
    { class: "setting wrap" },
    h(
      "div",
      { class: "row-text" },
      h("h3", null, label),
      isKnown
        ? h("p", { class: "small muted" }, settings.statusesHint)
        : h("p", { class: "small muted", ...speech.foreign }, setting.words),
    ),
    h(
      "select",
      {
        class: "pick",
        "aria-label": label,
        value: shown,
        onChange: (event: Event) => pick((event.currentTarget as HTMLSelectElement).value),
      },
      setting.choices?.map((value) =>
        h("option", { key: value, value, selected: value === shown }, name(value)),
      ),
    ),
  );
}

/** A setting that is typed, such as the country. */
function Typed({ person, setting }: SettingProps): View {
  const speech = useSpeech();
  const { words } = speech;
  const [typed, setTyped] = useState<string>();
  const opener = useRef<HTMLButtonElement>(null);
  const wasTyped = useRef(false);
  const isTyped = typed !== undefined;
  useLayoutEffect(() => {
    if (wasTyped.current) opener.current?.focus();
    wasTyped.current = isTyped;
  }, [isTyped]);
  const { title, change, label, hint, ...field } = typedWords(words, setting.name);
  const save = async (): Promise<void> => {
    if (typed === undefined || typed.trim() === "") return;
    const route = path(["person", "v1", "settings", setting.name]);
    let answer: Setting | undefined;
    const done = await person.does(async () => {
      answer = await person.api.inTurn<Setting>("PUT", route, { value: typed.trim() });
    });
    if (!done) return;
    setTyped(undefined);
    const noted = answer?.words ?? "";
    person.say("done", noted === "" ? words.settings.saved : noted, noted !== "");
  };
  return h(
    "div",
    { class: "setting wrap" },
    h(
      "div",
      { class: "row-text" },
      h("h3", null, title),
      hint !== undefined && h("p", { class: "small muted" }, hint),
      // What follows is how to change it in the chat with the bot.
      h(
        "p",
        { class: "small muted", ...speech.foreign },
        setting.words.replace(/(?<=[.!?]) Write “.*$/s, ""),
      ),
    ),
    typed === undefined
      ? h(
          "button",
          {
            ref: opener,
            type: "button",
            "aria-label": change,
            onClick: () => setTyped(""),
          },
          words.settings.change,
        )
      : h(
          "form",
          {
            class: "in-line arrives",
            onKeyDown: ({ key }: KeyboardEvent) => {
              if (key === "Escape") setTyped(undefined);
            },
            onSubmit: (event: Event) => {
              event.preventDefault();
              void save();
            },
          },
          h("input", {
            ref: (input: HTMLInputElement | null) => void (typed === "" && input?.focus()),
            "aria-label": label,
            ...field,
            value: typed,
            onInput: (event: Event) => setTyped((event.currentTarget as HTMLInputElement).value),
          }),
          h(ActButton, { kind: "primary", act: save }, words.settings.save),
          h("button", { type: "button", onClick: () => setTyped(undefined) }, words.page.cancel),
        ),
  );
}

/** Where the chats are, receipts, calls, and what networks ask beside. */
export function BehaviourCard({
  person,
  facts,
}: {
  readonly person: Person;
  readonly facts: PersonFacts;
}): View {
  const { words } = useSpeech();
  const inbox = facts.settings.find(({ name }) => name === "inbox");
  const others = facts.settings.filter(({ name }) => name !== "inbox");
  const isOnOff = ({ choices }: Setting): boolean =>
    choices?.length === 2 && choices.includes("on") && choices.includes("off");
  return h(
    Card,
    { title: words.settings.title, class: "lined" },
    inbox && h(Inbox, { person, setting: inbox }),
    others.map((setting) =>
      h(isOnOff(setting) ? OnOff : setting.choices === undefined ? Typed : Chosen, {
        key: setting.name,
        person,
        setting,
      }),
    ),
  );
}
