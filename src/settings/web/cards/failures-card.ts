import { h, type View } from "../../../page/web/dom.ts";
import type { FailedChat } from "../api/answers.ts";
import { path } from "../api/api.ts";
import { ActButton } from "../parts/act-button.ts";
import { Card } from "../parts/card.ts";
import { useFirstOnes } from "../parts/first-ones.ts";
import { roomLink } from "../parts/room-link.ts";
import type { Person, PersonFacts } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";

/** So many chats are shown until all are asked for. */
const AT_FIRST = 5;

interface Retried {
  readonly sent: number;
  readonly refused: number;
  readonly unread: number;
}

function Failed({ person, chat }: { readonly person: Person; readonly chat: FailedChat }): View {
  const speech = useSpeech();
  const { failures } = speech.words;
  const { messages, name, room } = chat;
  const route = (act: "retry" | "discard"): string =>
    path(["person", "v1", "failures", chat.login_id, chat.chat, act]);
  const retry = async (): Promise<void> => {
    let answer: Retried | undefined;
    const done = await person.does(async () => {
      answer = await person.api.inTurn<Retried>("POST", route("retry"));
    });
    if (!done || answer === undefined) return;
    const { sent, refused, unread } = answer;
    const said = [
      (sent > 0 || refused + unread === 0) && speech.count(failures.sent, sent, {}),
      refused > 0 && speech.count(failures.refused, refused, {}),
      unread > 0 && speech.count(failures.unread, unread, {}),
    ].filter((one) => one !== false);
    person.say(refused + unread > 0 ? "trouble" : "done", said.join(" "));
  };
  const discard = (): Promise<unknown> =>
    person.does(() => person.api.inTurn("POST", route("discard")), failures.discarded);
  const [first, ...rest] = messages;
  const last = rest.at(-1);
  const [began, ended] = [first, last].map((one) => (one === undefined ? "" : speech.when(one.at)));
  const when =
    ended === "" || ended === began
      ? speech.fill(failures.at, { date: began ?? "" })
      : speech.fill(failures.last, { first: began ?? "", date: ended ?? "" });
  const reasons = new Set(messages.flatMap(({ words }) => (words === undefined ? [] : [words])));
  return h(
    "li",
    { class: "row wrap" },
    h(
      "div",
      { class: "grow" },
      h("h3", null, speech.count(failures.to, messages.length, { name })),
      h("p", { class: "small muted" }, when),
      Array.from(reasons, (words) => h("p", { key: words, class: "small", ...speech.foreign }, words)),
      room !== undefined && h("a", { class: "small", ...roomLink(room, person) }, failures.see),
    ),
    h(
      "div",
      { class: "acts" },
      h(ActButton, { act: discard, label: `${failures.discard}: ${name}` }, failures.discard),
      h(ActButton, { kind: "primary", act: retry, label: `${failures.retry}: ${name}` }, failures.retry),
    ),
  );
}

/** What could not be delivered; what it said is in its room alone. */
export function FailuresCard({
  person,
  facts,
}: {
  readonly person: Person;
  readonly facts: PersonFacts;
}): View {
  const { words } = useSpeech();
  const { shown, list, more } = useFirstOnes(facts.failures, AT_FIRST);
  return h(
    Card,
    { title: words.failures.title },
    shown.length === 0
      ? h("p", { class: "muted" }, words.failures.none)
      : h(
          "ul",
          { class: "plain rowed", ref: list },
          shown.map((chat) => h(Failed, { key: `${chat.login_id} ${chat.chat}`, person, chat })),
        ),
    more,
  );
}
