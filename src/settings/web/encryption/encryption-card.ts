import { useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import type { EncryptableChat } from "../api/answers.ts";
import { Card } from "../parts/card.ts";
import { useFirstOnes } from "../parts/first-ones.ts";
import { PersonMark } from "../parts/network-mark.ts";
import type { Person, PersonFacts } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import { EncryptSheet } from "./encrypt-sheet.ts";

/** So many are shown until all are asked for. */
const AT_FIRST = 5;

/** Which chats are encrypted, and the bot's key; nothing where the bridge reads no encrypted rooms. */
export function EncryptionCard({
  person,
  facts: { encryption },
}: {
  readonly person: Person;
  readonly facts: PersonFacts;
}): View {
  const speech = useSpeech();
  const { encryption: words } = speech.words;
  const [asked, setAsked] = useState<EncryptableChat>();
  const chats = encryption?.chats ?? [];
  const nameOf = ({ login_id, name }: EncryptableChat): string =>
    login_id === undefined ? words.withBot : name;
  // The chat with the bot stands first, then what can still be done.
  const rank = ({ login_id, encrypted }: EncryptableChat): number =>
    login_id === undefined ? 0 : encrypted ? 2 : 1;
  const sorted = chats.toSorted(
    (one, other) =>
      rank(one) - rank(other) || nameOf(one).localeCompare(nameOf(other), speech.code, { numeric: true }),
  );
  const { shown, list, more } = useFirstOnes(sorted, AT_FIRST);
  if (encryption?.available !== true) return h("div", { hidden: true });
  const encrypted = chats.filter((one) => one.encrypted).length;
  return h(
    Card,
    { title: words.title },
    h("p", { class: "small muted" }, words.gives),
    h(
      "div",
      { class: "bot-key" },
      h("h3", null, words.key),
      h("p", { class: "mono" }, encryption.bot_key),
      h("p", { class: "small muted wraps" }, speech.fill(words.keyHint, { bot: encryption.bot })),
    ),
    chats.length > 0 &&
      h("p", { class: "small strong" }, speech.count(words.chats, encrypted, { all: String(chats.length) })),
    h(
      "ul",
      { class: "plain rowed", ref: list },
      shown.map((chat) => {
        const name = nameOf(chat);
        const network = chat.network_id === undefined ? undefined : person.network(chat.network_id);
        return h(
          "li",
          { key: chat.room, class: "row" },
          h(PersonMark, { name, network }),
          h(
            "div",
            { class: "grow" },
            h("h3", { class: "wraps" }, name),
            network && h("p", { class: "small muted" }, network.name),
            !chat.encrypted && !chat.can && h("p", { class: "small" }, words.notYours),
          ),
          chat.encrypted
            ? h("span", { class: "chip good" }, words.isOn)
            : chat.can &&
                h(
                  "button",
                  {
                    type: "button",
                    "aria-label": `${words.encrypt} ${name}`,
                    onClick: () => setAsked(chat),
                  },
                  words.encrypt,
                ),
        );
      }),
    ),
    more,
    asked &&
      h(EncryptSheet, { person, chat: asked, name: nameOf(asked), onClose: () => setAsked(undefined) }),
  );
}
