import { h, type View } from "../../../page/web/dom.ts";
import type { FailedChat } from "../api/answers.ts";
import { path } from "../api/api.ts";
import { ActButton } from "../parts/act-button.ts";
import { Card } from "../parts/card.ts";
import { roomLink } from "../parts/room-link.ts";
import type { Person, PersonFacts } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";

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
  const when =
    first === undefined
      ? ""
      : last === undefined
        ? speech.fill(failures.at, { date: speech.when(first.at) })
        : speech.fill(failures.last, { first: speech.when(first.at), date: speech.when(last.at) });
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
  return h(
    Card,
    { title: words.failures.title },
    facts.failures.length === 0
      ? h("p", { class: "muted" }, words.failures.none)
      : h(
          "ul",
          { class: "plain rowed" },
          facts.failures.map((chat) => h(Failed, { key: `${chat.login_id} ${chat.chat}`, person, chat })),
        ),
  );
}
