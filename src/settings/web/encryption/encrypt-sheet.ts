import { h, type View } from "../../../page/web/dom.ts";
import { Sheet } from "../../../page/web/sheet.ts";
import type { EncryptableChat } from "../api/answers.ts";
import { path } from "../api/api.ts";
import { ActButton } from "../parts/act-button.ts";
import { TroubleInSheet } from "../parts/said.ts";
import type { Person } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";

/** What encrypting a chat means, before it is done. */
export function EncryptSheet({
  person,
  chat,
  name,
  onClose,
}: {
  readonly person: Person;
  readonly chat: EncryptableChat;
  readonly name: string;
  readonly onClose: () => void;
}): View {
  const speech = useSpeech();
  const { encryption, page } = speech.words;
  const encrypt = async (): Promise<void> => {
    const route = path(["person", "v1", "encryption", chat.room]);
    if (!(await person.does(() => person.api.inTurn("PUT", route, { encrypted: true })))) return;
    onClose();
    person.say("done", speech.fill(encryption.done, { name }));
  };
  return h(
    Sheet,
    { title: speech.fill(encryption.encryptTitle, { name }), close: page.close, onClose },
    h("p", null, encryption.encryptSays),
    h("p", { class: "small muted" }, encryption.gives),
    h(TroubleInSheet, { person }),
    h(
      "div",
      { class: "acts" },
      h("button", { type: "button", onClick: onClose }, page.cancel),
      h(ActButton, { kind: "primary", act: encrypt }, encryption.encryptYes),
    ),
  );
}
