import { h, type View } from "../../../page/web/dom.ts";
import type { Resolved } from "../api/answers.ts";
import { ActButton } from "../parts/act-button.ts";
import { Card } from "../parts/card.ts";
import { PersonMark } from "../parts/network-mark.ts";
import { roomLink } from "../parts/room-link.ts";
import type { Person, PersonFacts } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import { contactPath } from "./contact.ts";

interface RequestsCardProps {
  readonly person: Person;
  readonly facts: PersonFacts;
}

/** Who writes for the first time; nothing where nobody does. */
export function RequestsCard({ person, facts }: RequestsCardProps): View {
  const speech = useSpeech();
  const { requests, people } = speech.words;
  const waiting = facts.contacts.filter(({ contact }) => contact?.request === true);
  if (waiting.length === 0) return h("div", { hidden: true });
  const row = (contact: Resolved): View => {
    const name = contact.name ?? contact.id;
    const network = person.network(contact.network_id);
    const answer = (how: "accept" | "decline", said: string): Promise<boolean> =>
      person.does(
        () => person.api.inTurn("PUT", contactPath(contact, "request"), { answer: how }),
        speech.fill(said, { name }),
      );
    return h(
      "li",
      { key: `${contact.login_id} ${contact.id}`, class: "row wrap" },
      h(PersonMark, { name, network }),
      h(
        "div",
        { class: "grow" },
        h("h3", { class: "wraps" }, name),
        h("p", { class: "small muted" }, network?.name),
        contact.dm_room_mxid !== undefined &&
          h("a", { class: "small", ...roomLink(contact.dm_room_mxid, person) }, people.open),
      ),
      h(
        "div",
        { class: "acts" },
        h(
          ActButton,
          { label: `${requests.decline}: ${name}`, act: () => answer("decline", requests.declined) },
          requests.decline,
        ),
        h(
          ActButton,
          {
            kind: "primary",
            label: `${requests.accept}: ${name}`,
            act: () => answer("accept", requests.accepted),
          },
          requests.accept,
        ),
      ),
    );
  };
  return h(
    Card,
    { title: requests.title, class: "called" },
    h("p", { class: "small muted" }, requests.hint),
    h("ul", { class: "plain rowed" }, waiting.map(row)),
  );
}
