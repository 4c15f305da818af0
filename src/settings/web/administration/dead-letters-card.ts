import { h, type View } from "../../../page/web/dom.ts";
import { Card } from "../parts/card.ts";
import { useFirstOnes } from "../parts/first-ones.ts";
import { useSpeech } from "../words/speech.ts";
import type { AnyLogin, DeadLetter } from "./answers.ts";

/** So many are shown until all are asked for. */
const AT_FIRST = 5;

interface DeadLettersCardProps {
  readonly letters: readonly DeadLetter[];
  readonly logins: readonly AnyLogin[];
}

/** What was given up last, and why; never what it said. */
export function DeadLettersCard({ letters, logins }: DeadLettersCardProps): View {
  const speech = useSpeech();
  const { bridge } = speech.words;
  const { shown, list, more } = useFirstOnes(letters, AT_FIRST);
  return h(
    Card,
    { title: bridge.letters },
    letters.length === 0 && h("p", { class: "muted" }, bridge.noLetters),
    h(
      "ul",
      { class: "plain rowed", ref: list },
      shown.map(({ direction, ref, reason, at, login_id: login }) => {
        const user = logins.find((one) => one.login_id === login)?.user_id;
        return h(
          "li",
          { key: `${ref} ${at}` },
          h("p", { ...speech.foreign }, reason),
          h(
            "p",
            { class: "small muted wraps" },
            [bridge.directions[direction], speech.when(at), user].filter(Boolean).join(" · "),
          ),
          h("p", { class: "small muted mono wraps" }, ref),
        );
      }),
    ),
    more,
  );
}
