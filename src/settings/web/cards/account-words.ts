import { h, type View } from "../../../page/web/dom.ts";
import type { Account, NetworkCard, StateEvent } from "../api/answers.ts";
import { type Speech, useSpeech } from "../words/speech.ts";

const chipClass: Readonly<Record<StateEvent, string>> = {
  CONNECTED: "good",
  CONNECTING: "warn",
  TRANSIENT_DISCONNECT: "warn",
  BAD_CREDENTIALS: "bad",
  UNKNOWN_ERROR: "bad",
  LOGGED_OUT: "off",
};

/** The state of an account in a word; without one the network is off. */
export function StateChip({ state }: { readonly state: StateEvent | undefined }): View {
  const { network } = useSpeech().words;
  return state === undefined
    ? h("span", { class: "chip off" }, network.chipOff)
    : h("span", { class: `chip ${chipClass[state]}` }, network.chips[state]);
}

/** How an account is, a sentence. */
function stateWords(
  speech: Speech,
  { state, visible_id: id, consent }: Account,
  { own_app: isDevice }: Pick<NetworkCard, "own_app">,
): string {
  const { network, device } = speech.words;
  const date = speech.since(state.timestamp);
  switch (state.state_event) {
    case "CONNECTED":
      return speech.fill(isDevice ? device.on : network.on, { date: speech.since(consent.at), id });
    case "CONNECTING":
      return speech.fill(isDevice ? device.connecting : network.connecting, { id });
    case "TRANSIENT_DISCONNECT":
      return speech.fill(network.waiting, { date });
    case "BAD_CREDENTIALS":
      return speech.fill(isDevice ? device.refused : network.refused, { date });
    case "UNKNOWN_ERROR":
      return speech.fill(network.trouble, { date });
    case "LOGGED_OUT":
      return network.leaving;
  }
}

interface AccountWordsProps {
  readonly account: Account;
  readonly network: NetworkCard;
}

/** How an account is, why, and what goes over it. */
export function AccountWords({ account, network }: AccountWordsProps): View {
  const speech = useSpeech();
  const { words } = speech;
  const { state, chats, lost } = account;
  const isTrouble = state.state_event === "BAD_CREDENTIALS" || state.state_event === "UNKNOWN_ERROR";
  const counts = [
    chats > 0 && speech.count(words.network.chats, chats, {}),
    lost > 0 && speech.count(words.network.lost, lost, {}),
  ].filter((one) => one !== false);
  return h(
    "div",
    { class: "account" },
    h("p", { class: "small muted" }, stateWords(speech, account, network)),
    isTrouble && state.message !== undefined && h("p", { class: "small", ...speech.foreign }, state.message),
    counts.length > 0 && h("p", { class: "small muted" }, counts.join(" · ")),
  );
}
