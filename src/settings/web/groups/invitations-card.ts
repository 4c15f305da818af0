import { h, type View } from "../../../page/web/dom.ts";
import type { Group } from "../api/answers.ts";
import { ActButton } from "../parts/act-button.ts";
import { Card } from "../parts/card.ts";
import { PersonMark } from "../parts/network-mark.ts";
import { roomLink } from "../parts/room-link.ts";
import type { Person, PersonFacts } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import { groupPath } from "./group.ts";

interface InvitationsCardProps {
  readonly person: Person;
  readonly facts: PersonFacts;
}

/** The groups that somebody wants the person in; nothing where there is none. */
export function InvitationsCard({ person, facts }: InvitationsCardProps): View {
  const speech = useSpeech();
  const { groups, requests, people } = speech.words;
  const waiting = facts.groups.filter(({ request }) => request);
  if (waiting.length === 0) return h("div", { hidden: true });
  const row = (group: Group): View => {
    const { name } = group;
    const network = person.network(group.network_id);
    const answer = (how: "accept" | "decline", said: string): Promise<boolean> =>
      person.does(
        () => person.api.inTurn("PUT", groupPath(group, "request"), { answer: how }),
        speech.fill(said, { name }),
      );
    return h(
      "li",
      { key: `${group.login_id} ${group.id}`, class: "row wrap" },
      h(PersonMark, { name, network }),
      h(
        "div",
        { class: "grow" },
        h("h3", { class: "wraps" }, name),
        h(
          "p",
          { class: "small muted wraps" },
          [speech.count(groups.members, group.members, {}), network?.name].filter(Boolean).join(" · "),
        ),
        group.mxid !== undefined && h("a", { class: "small", ...roomLink(group.mxid, person) }, people.open),
      ),
      h(
        "div",
        { class: "acts" },
        h(
          ActButton,
          { label: `${requests.decline}: ${name}`, act: () => answer("decline", groups.declined) },
          requests.decline,
        ),
        h(
          ActButton,
          {
            kind: "primary",
            label: `${requests.accept}: ${name}`,
            act: () => answer("accept", groups.accepted),
          },
          requests.accept,
        ),
      ),
    );
  };
  return h(
    Card,
    { title: groups.invitations, class: "called" },
    h("p", { class: "small muted" }, groups.invitationsHint),
    h("ul", { class: "plain rowed" }, waiting.map(row)),
  );
}
