import { useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import type { Group } from "../api/answers.ts";
import { accountsOf } from "../parts/account-choice.ts";
import { Card } from "../parts/card.ts";
import { useFirstOnes } from "../parts/first-ones.ts";
import { PersonMark } from "../parts/network-mark.ts";
import { roomLink } from "../parts/room-link.ts";
import type { Person, PersonFacts } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import { LeaveSheet } from "./leave-sheet.ts";
import { NewGroupSheet } from "./new-group-sheet.ts";

/** So many are shown until all are asked for. */
const AT_FIRST = 10;

/** The groups that the person is in, and the way to a new one; nothing where no network is on. */
export function GroupsCard({
  person,
  facts,
}: {
  readonly person: Person;
  readonly facts: PersonFacts;
}): View {
  const speech = useSpeech();
  const { groups } = speech.words;
  const [leaving, setLeaving] = useState<Group>();
  const [isMaking, setMaking] = useState(false);
  const accounts = accountsOf(facts);
  const sorted = facts.groups
    .filter(({ request }) => !request)
    .toSorted((one, other) => one.name.localeCompare(other.name, speech.code, { numeric: true }));
  const { shown, list, more } = useFirstOnes(sorted, AT_FIRST);
  if (accounts.length === 0 && sorted.length === 0) return h("div", { hidden: true });
  return h(
    Card,
    {
      title: groups.title,
      beside:
        accounts.length > 0 &&
        h("button", { type: "button", onClick: () => setMaking(true) }, groups.newGroup),
    },
    sorted.length === 0 && h("p", { class: "muted" }, groups.none),
    h(
      "ul",
      { class: "plain rowed", ref: list },
      shown.map((group) => {
        const network = person.network(group.network_id);
        return h(
          "li",
          { key: `${group.login_id} ${group.id}`, class: "row wrap" },
          h(PersonMark, { name: group.name, network }),
          h(
            "div",
            { class: "grow" },
            h("h3", { class: "wraps" }, group.name),
            h(
              "p",
              { class: "small muted wraps" },
              [speech.count(groups.members, group.members, {}), network?.name].filter(Boolean).join(" · "),
            ),
            group.closed !== undefined && h("p", { class: "small", ...speech.foreign }, group.closed),
          ),
          h(
            "div",
            { class: "acts" },
            group.mxid !== undefined &&
              h(
                "a",
                {
                  class: "button",
                  "aria-label": `${groups.open}: ${group.name}`,
                  ...roomLink(group.mxid, person),
                },
                groups.open,
              ),
            h(
              "button",
              {
                type: "button",
                "aria-label": `${groups.leave} ${group.name}`,
                onClick: () => setLeaving(group),
              },
              groups.leave,
            ),
          ),
        );
      }),
    ),
    more,
    leaving && h(LeaveSheet, { person, group: leaving, onClose: () => setLeaving(undefined) }),
    isMaking && h(NewGroupSheet, { person, facts, accounts, onClose: () => setMaking(false) }),
  );
}
