import { useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import { Card } from "../parts/card.ts";
import type { Person, PersonFacts } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import { NetworkRow } from "./network-row.ts";
import { OffSheet } from "./off-sheet.ts";

/** Every network, and how it is for the person. */
export function NetworksCard({
  person,
  facts,
}: {
  readonly person: Person;
  readonly facts: PersonFacts;
}): View {
  const { words } = useSpeech();
  const [off, setOff] = useState<{ readonly login: string; readonly network: string }>();
  const network = off && person.network(off.network);
  const account = network?.accounts.find(({ login_id }) => login_id === off?.login);
  return h(
    Card,
    { title: words.network.title },
    facts.networks.length === 0
      ? h("p", { class: "muted" }, words.network.none)
      : h(
          "ul",
          { class: "plain rowed" },
          facts.networks.map((one) =>
            h(NetworkRow, {
              key: one.id,
              person,
              network: one,
              onOff: ({ login_id }) => setOff({ login: login_id, network: one.id }),
            }),
          ),
        ),
    network && account && h(OffSheet, { person, network, account, onClose: () => setOff(undefined) }),
  );
}
