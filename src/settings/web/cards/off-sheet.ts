import { h, type View } from "../../../page/web/dom.ts";
import { Sheet } from "../../../page/web/sheet.ts";
import type { Account, NetworkCard } from "../api/answers.ts";
import { path } from "../api/api.ts";
import { ActButton } from "../parts/act-button.ts";
import type { Person } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";

interface OffSheetProps {
  readonly person: Person;
  readonly network: NetworkCard;
  readonly account: Account;
  readonly onClose: () => void;
}

/** What goes and what stays when an account is turned off, before it is. */
export function OffSheet({ person, network, account, onClose }: OffSheetProps): View {
  const speech = useSpeech();
  const { off, page, device } = speech.words;
  const { name, own_app: isDevice } = network;
  const turnOff = async (): Promise<void> => {
    let unconfirmed: readonly string[] | undefined;
    const done = await person.does(async () => {
      const route = path(["v3", "logout", account.login_id]);
      const answer = await person.api.inTurn<{ unconfirmed?: readonly string[] }>("POST", route);
      unconfirmed = answer.unconfirmed;
    });
    onClose();
    const words = unconfirmed === undefined ? off.done : off.unconfirmed;
    if (done) person.say("done", speech.fill(words, { network: name }));
  };
  return h(
    Sheet,
    { title: speech.fill(off.title, { network: name }), close: page.close, onClose },
    h("p", null, off.says),
    h(
      "ul",
      { class: "goes" },
      h(
        "li",
        null,
        speech.fill(isDevice ? device.removed : off.registration, { network: name, id: account.visible_id }),
      ),
      account.chats > 0 && h("li", null, speech.count(off.chats, account.chats, {})),
      h("li", null, isDevice ? speech.fill(device.queued, { network: name }) : off.queued),
      h("li", null, speech.fill(isDevice ? device.again : off.again, { network: name })),
    ),
    h(
      "div",
      { class: "acts" },
      h("button", { type: "button", onClick: onClose }, page.cancel),
      h(ActButton, { kind: "danger", act: turnOff }, off.yes),
    ),
  );
}
