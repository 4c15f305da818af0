import { useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import type { Account, LoginFlow, NetworkCard } from "../api/answers.ts";
import { ActButton } from "../parts/act-button.ts";
import { NetworkMark } from "../parts/network-mark.ts";
import type { Person } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import { AccountWords, StateChip } from "./account-words.ts";

/** Begins to link a network. */
export async function begin(person: Person, flow: LoginFlow): Promise<void> {
  if (!(await person.takes(() => person.login.begin(flow)))) await person.refresh();
}

interface NetworkRowProps {
  readonly person: Person;
  readonly network: NetworkCard;
  readonly onOff: (account: Account) => void;
}

/** A network: a switch where there is one account and one way to it, else a button, and its accounts in a list. */
export function NetworkRow(props: NetworkRowProps): View {
  const { person, network } = props;
  const speech = useSpeech();
  const { words } = speech;
  const { accounts, login_flows: flows, several, can_log_in: mayBegin } = network;
  const [isChoosing, setChoosing] = useState(false);
  const [only] = flows;
  const isBegun = person.login.step?.network_id === network.id;
  const link = async (): Promise<void> => {
    if (flows.length === 1 && only !== undefined) await begin(person, only);
    else setChoosing(!isChoosing);
  };
  const isSwitch = !several && flows.length === 1;
  const [account] = accounts;
  const isRefused = accounts.some(({ state }) => state.state_event === "BAD_CREDENTIALS");
  const label =
    accounts.length === 0
      ? words.network.link
      : isRefused
        ? words.network.linkAgain
        : words.network.linkAnother;
  return h(
    "li",
    { class: "network" },
    h(
      "div",
      { class: "row" },
      h(NetworkMark, { network }),
      h(
        "div",
        { class: "grow" },
        h(
          "div",
          { class: "named" },
          h("h3", null, network.name),
          (isSwitch || account === undefined) && h(StateChip, { state: account?.state.state_event }),
        ),
        account === undefined && h("p", { class: "small muted" }, words.network.off),
        account === undefined &&
          network.audience !== undefined &&
          h(
            "p",
            { class: "small muted", ...speech.foreign },
            speech.fill(words.network.reaches, { audience: network.audience }),
          ),
        isSwitch && account && h(AccountWords, { account, network }),
      ),
      (!isSwitch || isRefused) &&
        mayBegin &&
        !isBegun &&
        h(
          ActButton,
          {
            ...(account === undefined ? { kind: "primary" as const } : {}),
            label: `${network.name}: ${label}`,
            act: link,
          },
          label,
        ),
      isSwitch &&
        h(
          "button",
          {
            type: "button",
            class: "switch",
            role: "switch",
            // It is on once its person has agreed.
            "aria-checked": account !== undefined,
            "aria-label": network.name,
            "aria-disabled": account === undefined && (isBegun || !mayBegin),
            onClick: () => {
              if (account !== undefined) props.onOff(account);
              else if (!isBegun && mayBegin) void link();
            },
          },
          h("span", null),
        ),
    ),
    isChoosing && !isBegun && h(Ways, { person, network, onBegun: () => setChoosing(false) }),
    !isSwitch && accounts.length > 0 && h(Accounts, props),
    accounts.some(({ consent }) => consent.outdated) &&
      only &&
      h(
        "div",
        { class: "note row wrap" },
        h("p", { class: "grow" }, words.network.outdated),
        h(ActButton, { act: () => begin(person, only) }, words.network.readAnew),
      ),
  );
}

/** The ways to link a network, as buttons. */
function Ways({
  person,
  network,
  onBegun,
}: Pick<NetworkRowProps, "person" | "network"> & { readonly onBegun: () => void }): View {
  const speech = useSpeech();
  const how = speech.fill(speech.words.network.how, { network: network.name });
  return h(
    "div",
    { class: "ways arrives", role: "group", "aria-label": how },
    h("p", { class: "small" }, how),
    network.login_flows.map((flow) =>
      h(
        ActButton,
        { key: flow.id, act: () => begin(person, flow).then(onBegun) },
        h("span", speech.foreign, capital(flow.name.replace(`${network.name}: `, ""))),
      ),
    ),
  );
}

function Accounts({ network, onOff }: NetworkRowProps): View {
  const speech = useSpeech();
  const { words } = speech;
  return h(
    "ul",
    { class: "accounts plain" },
    network.accounts.map((account) =>
      h(
        "li",
        { key: account.login_id, class: "row" },
        h(
          "div",
          { class: "grow" },
          h(
            "div",
            { class: "named" },
            h("h4", { class: "wraps" }, account.visible_id),
            h(StateChip, { state: account.state.state_event }),
          ),
          h(AccountWords, { account, network }),
        ),
        account.state.state_event !== "LOGGED_OUT" &&
          h(
            "button",
            {
              type: "button",
              "aria-label": speech.fill(words.network.turnOffOne, {
                network: network.name,
                id: account.visible_id,
              }),
              onClick: () => onOff(account),
            },
            words.network.turnOff,
          ),
      ),
    ),
  );
}

/** What networks name in the middle of a sentence, where it stands alone. */
export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
