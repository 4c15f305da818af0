import { h, type View } from "../../../page/web/dom.ts";
import { path } from "../api/api.ts";
import { StateChip } from "../cards/account-words.ts";
import { ActButton } from "../parts/act-button.ts";
import { Card } from "../parts/card.ts";
import { NetworkMark } from "../parts/network-mark.ts";
import type { Person } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import type { AnyLogin } from "./answers.ts";

interface LoginsCardProps {
  readonly person: Person;
  readonly logins: readonly AnyLogin[];
}

/** Those in trouble first. */
const urgency = ({ state, trouble }: AnyLogin): number =>
  trouble !== undefined ? 0 : state.state_event === "CONNECTED" ? 2 : 1;

/** Everybody's logins, with how each does, why, and the cure. */
export function LoginsCard({ person, logins }: LoginsCardProps): View {
  const speech = useSpeech();
  const { bridge } = speech.words;
  const sorted = logins.toSorted(
    (one, other) => urgency(one) - urgency(other) || one.user_id.localeCompare(other.user_id),
  );
  const row = (login: AnyLogin): View => {
    const { login_id, user_id, network_id, state, trouble, lost, configured } = login;
    const network = person.network(network_id) ?? { id: network_id, name: network_id };
    const reconnect = (): Promise<unknown> =>
      person.does(
        () => person.api.ask("POST", path(["admin", "v1", "logins", login_id, "reconnect"])),
        speech.fill(bridge.reconnecting, { user: user_id }),
      );
    return h(
      "li",
      { key: login_id, class: "row wrap" },
      h(NetworkMark, { network }),
      h(
        "div",
        { class: "grow" },
        h(
          "div",
          { class: "named" },
          h("h3", { class: "wraps" }, user_id),
          h(StateChip, { state: state.state_event }),
        ),
        h(
          "p",
          { class: "small muted" },
          `${network.name} · ${speech.fill(bridge.since, { date: speech.since(state.timestamp) })}`,
          lost > 0 && ` · ${speech.count(speech.words.network.lost, lost, {})}`,
        ),
        !configured && h("p", { class: "small wrong" }, bridge.notConfigured),
        trouble
          ? h(
              "p",
              { class: "small wraps", ...speech.foreign },
              `${trouble.address}: ${trouble.what} ${trouble.cure}`,
            )
          : state.message !== undefined && h("p", { class: "small", ...speech.foreign }, state.message),
      ),
      person.api.offers("POST /admin/v1/logins/{login}/reconnect") &&
        state.state_event !== "CONNECTED" &&
        state.state_event !== "LOGGED_OUT" &&
        h(
          ActButton,
          { label: `${bridge.reconnect}: ${user_id}, ${network.name}`, act: reconnect },
          bridge.reconnect,
        ),
    );
  };
  return h(
    Card,
    { title: bridge.logins },
    logins.length === 0
      ? h("p", { class: "muted" }, bridge.noLogins)
      : h("ul", { class: "plain rowed" }, sorted.map(row)),
  );
}
