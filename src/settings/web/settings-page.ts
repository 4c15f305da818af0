import { useState } from "preact/hooks";
import { h, type View } from "../../page/web/dom.ts";
import { BridgePage } from "./administration/bridge-page.ts";
import { BehaviourCard } from "./cards/behaviour-card.ts";
import { DataCard } from "./cards/data-card.ts";
import { FailuresCard } from "./cards/failures-card.ts";
import { NetworksCard } from "./cards/networks-card.ts";
import { EncryptionCard } from "./encryption/encryption-card.ts";
import { GroupsCard } from "./groups/groups-card.ts";
import { InvitationsCard } from "./groups/invitations-card.ts";
import { LoginCard } from "./login/login-card.ts";
import { LanguageChoice } from "./parts/language-choice.ts";
import { SaidLine } from "./parts/said.ts";
import { PeopleCard } from "./people/people-card.ts";
import { RequestsCard } from "./people/requests-card.ts";
import type { Person } from "./state/person.ts";
import { useSpeech } from "./words/speech.ts";

interface SettingsPageProps {
  readonly person: Person;
  readonly onLanguage: (code: string) => void;
  readonly onSignOut: () => void;
}

/** A person's settings, a card an idea. */
export function SettingsPage({ person, onLanguage, onSignOut }: SettingsPageProps): View {
  const speech = useSpeech();
  const { words } = speech;
  const { facts, awaySince } = person;
  const [part, setPart] = useState<"yours" | "bridge">("yours");
  return h(
    "div",
    null,
    h(
      "header",
      { class: "top" },
      h(
        "div",
        { class: "grow" },
        h("h1", null, words.page.title),
        h("p", { class: "small muted who" }, speech.fill(words.page.lead, { user: person.session.user })),
      ),
      h(
        "div",
        { class: "top-acts" },
        h(LanguageChoice, { onLanguage }),
        h("button", { type: "button", class: "quiet", onClick: onSignOut }, words.page.signOut),
      ),
    ),
    h(
      "div",
      { role: "status" },
      awaySince !== undefined &&
        h(
          "p",
          { class: "note" },
          facts === undefined
            ? words.link.awayAtFirst
            : speech.fill(words.link.away, { time: speech.since(awaySince) }),
        ),
    ),
    person.session.isAdmin &&
      h(
        "nav",
        { class: "page-parts", "aria-label": words.page.parts },
        (["yours", "bridge"] as const).map((one) =>
          h(
            "button",
            {
              key: one,
              type: "button",
              ...(part === one ? { "aria-current": "page" as const } : {}),
              onClick: () => setPart(one),
            },
            words.page[one],
          ),
        ),
      ),
    part === "bridge" ? h(BridgePage, { person }) : h(Yours, { person }),
    h(SaidLine, { person }),
  );
}

/** What is so for the person, and what they can do about it. */
function Yours({ person }: { readonly person: Person }): View {
  const { words } = useSpeech();
  const { facts } = person;
  return h(
    "main",
    { class: "page" },
    facts === undefined
      ? h("p", { class: "muted" }, words.page.loading)
      : [
          h(LoginCard, { key: "login", person, facts }),
          h(NetworksCard, { key: "networks", person, facts }),
          h(RequestsCard, { key: "requests", person, facts }),
          h(InvitationsCard, { key: "invitations", person, facts }),
          h(FailuresCard, { key: "failures", person, facts }),
          h(PeopleCard, { key: "people", person, facts }),
          h(GroupsCard, { key: "groups", person, facts }),
          h(EncryptionCard, { key: "encryption", person, facts }),
          h(BehaviourCard, { key: "behaviour", person, facts }),
          h(DataCard, { key: "data", person }),
        ],
  );
}
