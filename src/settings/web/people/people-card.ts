import { useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import type { Resolved } from "../api/answers.ts";
import { accountsOf } from "../parts/account-choice.ts";
import { Card } from "../parts/card.ts";
import { useFirstOnes } from "../parts/first-ones.ts";
import type { Person, PersonFacts } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import { ContactRow } from "./contact-row.ts";
import { StartSheet } from "./start-sheet.ts";

/** So many are shown until all are asked for. */
const AT_FIRST = 20;

const folded = (text: string): string => text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();

function matches({ name = "", identifiers = [], id, mxid = "" }: Resolved, query: string): boolean {
  const wanted = folded(query.trim());
  if ([name, mxid, id].some((text) => folded(text).includes(wanted))) return true;
  const digits = wanted.replaceAll(/\D/g, "");
  return (
    digits.length > 2 && [...identifiers, id].some((text) => text.replaceAll(/\D/g, "").includes(digits))
  );
}

/** Everybody the person has a chat with, a search among them, and the way to somebody new. */
export function PeopleCard({
  person,
  facts,
}: {
  readonly person: Person;
  readonly facts: PersonFacts;
}): View {
  const speech = useSpeech();
  const { people } = speech.words;
  const [query, setQuery] = useState("");
  const [starting, setStarting] = useState<string>();
  const accounts = accountsOf(facts);
  const own = facts.contacts.filter(({ contact }) => contact?.request !== true && contact?.declined !== true);
  const sorted = own.toSorted((one, other) =>
    (one.name ?? "").localeCompare(other.name ?? "", speech.code, { numeric: true }),
  );
  const found = query.trim() === "" ? sorted : sorted.filter((contact) => matches(contact, query));
  const { shown, list, more } = useFirstOnes(found, AT_FIRST);
  const startNew = (text: string): View =>
    h("button", { type: "button", onClick: () => setStarting(text) }, people.newChat);
  return h(
    Card,
    { title: people.title, beside: accounts.length > 0 && startNew("") },
    sorted.length > 0 &&
      h("input", {
        type: "search",
        class: "search",
        "aria-label": people.search,
        placeholder: people.search,
        value: query,
        onInput: (event: Event) => setQuery((event.currentTarget as HTMLInputElement).value),
      }),
    h(
      "p",
      { class: "unseen", role: "status" },
      query.trim() !== "" && speech.count(people.found, found.length, {}),
    ),
    accounts.length === 0 && sorted.length === 0 && h("p", { class: "muted" }, people.noneOff),
    accounts.length > 0 && sorted.length === 0 && h("p", { class: "muted" }, people.none),
    sorted.length > 0 &&
      found.length === 0 &&
      h(
        "div",
        { class: "stack" },
        h("p", { class: "muted" }, speech.fill(people.nobody, { query: query.trim() })),
        h(
          "button",
          { type: "button", onClick: () => setStarting(query.trim()) },
          speech.fill(people.lookUp, { query: query.trim() }),
        ),
      ),
    h(
      "ul",
      { class: "plain rowed", ref: list },
      shown.map((contact) =>
        h(ContactRow, {
          key: `${contact.login_id} ${contact.id}`,
          person,
          contact,
          network: person.network(contact.network_id),
        }),
      ),
    ),
    more,
    starting !== undefined &&
      h(StartSheet, { person, accounts, typed: starting, onClose: () => setStarting(undefined) }),
  );
}
