import { h, type View } from "../../../page/web/dom.ts";
import type { Account, NetworkCard } from "../api/answers.ts";
import type { PersonFacts } from "../state/person.ts";

/** An account of the person's, and the network it is on. */
export interface OwnAccount {
  readonly network: NetworkCard;
  readonly account: Account;
}

/** Those that are on, or are still being connected. */
export const accountsOf = ({ networks }: PersonFacts): readonly OwnAccount[] =>
  networks.flatMap((network) =>
    network.accounts
      .filter(({ state }) => state.state_event !== "LOGGED_OUT")
      .map((account) => ({ network, account })),
  );

const label = ({ network, account }: OwnAccount): string =>
  network.accounts.length > 1 ? `${network.name}, ${account.visible_id}` : network.name;

/** Which of several accounts something is done by. */
export function AccountChoice({
  accounts,
  chosen,
  legend,
  onChoice,
}: {
  readonly accounts: readonly OwnAccount[];
  /** The login's id. */
  readonly chosen: string | undefined;
  readonly legend: string;
  readonly onChoice: (login: string) => void;
}): View {
  return h(
    "fieldset",
    null,
    h("legend", null, legend),
    accounts.map((one) =>
      h(
        "label",
        { key: one.account.login_id, class: "choice" },
        h("input", {
          type: "radio",
          name: "account",
          checked: one.account.login_id === chosen,
          onChange: () => onChoice(one.account.login_id),
        }),
        h("span", null, label(one)),
      ),
    ),
  );
}
