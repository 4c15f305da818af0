import { useEffect, useId, useRef, useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import { Sheet } from "../../../page/web/sheet.ts";
import { path } from "../api/api.ts";
import { AccountChoice, type OwnAccount } from "../parts/account-choice.ts";
import { ActButton } from "../parts/act-button.ts";
import { TroubleInSheet } from "../parts/said.ts";
import type { Person, PersonFacts } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";

interface NewGroupSheetProps {
  readonly person: Person;
  readonly facts: PersonFacts;
  readonly accounts: readonly OwnAccount[];
  readonly onClose: () => void;
}

/** A group of contacts, and of others whom the network finds. */
export function NewGroupSheet({ person, facts, accounts, onClose }: NewGroupSheetProps): View {
  const speech = useSpeech();
  const { groups, start, page } = speech.words;
  const [login, setLogin] = useState(accounts[0]?.account.login_id ?? "");
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [others, setOthers] = useState("");
  // The same at each try, which makes one group.
  const [key] = useState(() => crypto.randomUUID());
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => field.current?.focus(), []);
  const own = accounts.find(({ account }) => account.login_id === login) ?? accounts[0];
  const contacts = facts.contacts
    .filter(({ login_id, contact }) => login_id === own?.account.login_id && contact?.request !== true)
    .toSorted((one, other) => (one.name ?? "").localeCompare(other.name ?? "", speech.code));
  const typed = others
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  const participants = [...chosen, ...typed];
  const make = async (): Promise<void> => {
    const query = { login_id: own?.account.login_id };
    const done = await person.does(() =>
      person.api.ask("POST", path(["v3", "create_group", "group"], query), {
        name: { name: name.trim() },
        participants,
        key,
      }),
    );
    if (!done) return;
    onClose();
    person.say("done", speech.fill(groups.made, { name: name.trim() }));
  };
  return h(
    Sheet,
    { title: groups.newGroup, close: page.close, onClose },
    h(
      "form",
      { class: "stack", onSubmit: (event: Event) => event.preventDefault() },
      accounts.length > 1 &&
        h(AccountChoice, {
          accounts,
          chosen: own?.account.login_id,
          legend: start.on,
          onChoice: (one: string) => {
            setLogin(one);
            setChosen(new Set());
          },
        }),
      h(
        "label",
        null,
        groups.name,
        h("input", {
          ref: field,
          value: name,
          maxLength: 100,
          autocomplete: "off",
          onInput: (event: Event) => setName((event.currentTarget as HTMLInputElement).value),
        }),
      ),
      contacts.length > 0 &&
        h(
          "fieldset",
          { class: "many" },
          h("legend", null, groups.whom),
          contacts.map((contact) =>
            h(
              "label",
              { key: contact.id, class: "choice" },
              h("input", {
                type: "checkbox",
                checked: chosen.has(contact.id),
                onChange: () => {
                  const now = new Set(chosen);
                  if (!now.delete(contact.id)) now.add(contact.id);
                  setChosen(now);
                },
              }),
              h("span", { class: "wraps" }, contact.name ?? contact.id),
            ),
          ),
        ),
      h(
        "label",
        null,
        groups.others,
        h("input", {
          value: others,
          autocomplete: "off",
          spellcheck: false,
          "aria-describedby": `${id}-hint`,
          onInput: (event: Event) => setOthers((event.currentTarget as HTMLInputElement).value),
        }),
        h(
          "span",
          { id: `${id}-hint`, class: "small muted", ...speech.foreign },
          speech.fill(groups.othersHint, { addressing: own?.network.addressing ?? "" }),
        ),
      ),
    ),
    h(TroubleInSheet, { person }),
    h(
      "div",
      { class: "acts" },
      h("button", { type: "button", onClick: onClose }, page.cancel),
      h(
        ActButton,
        { kind: "primary", act: make, disabled: name.trim() === "" || participants.length === 0 },
        groups.make,
      ),
    ),
  );
}
