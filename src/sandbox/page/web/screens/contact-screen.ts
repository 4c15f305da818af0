import { useEffect, useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { Face } from "../../../../page/web/face.ts";
import { emptyChat } from "../../model/fold.ts";
import { hasThirdPartyChats, type PhoneSettings } from "../../model/phone.ts";
import { addressOf, call, Refusal } from "../link/control-api.ts";
import type { PlayedPhone } from "../link/played-phone.ts";
import { contactMark } from "../network-mark.ts";
import { Sheet } from "../sheet.ts";
import { words } from "../words.ts";
import { contactName } from "./contact-name.ts";
import { ScreenBar } from "./screen-bar.ts";

/** The safety number: digits to compare, and the code that the other app scans. */
function SafetyNumber({
  person,
  whom,
  news,
}: {
  readonly person: string;
  readonly whom: string;
  readonly news: number;
}): View {
  const [number, setNumber] = useState("");
  const [why, setWhy] = useState("");
  const query = `with=${encodeURIComponent(whom)}`;
  const path = `/people/${encodeURIComponent(person)}/safety`;
  useEffect(() => {
    const read = async (): Promise<void> => {
      try {
        const answer = await call<{ number: string }>("GET", `${path}?${query}`);
        setNumber(answer.number);
        setWhy("");
      } catch (cause) {
        setWhy(cause instanceof Refusal ? cause.message : String(cause));
      }
    };
    void read();
  }, [path, query, news]);
  const groups = number.match(/\d{5}/g) ?? [];
  return h(
    "section",
    { class: "card" },
    h("h3", null, words.contact.safety),
    why !== "" && h("p", { class: "note" }, why),
    number !== "" && [
      h("img", {
        class: "code",
        src: addressOf(`${path}.svg?${query}&of=${number}`),
        alt: words.contact.code,
      }),
      h(
        "p",
        { class: "digits mono" },
        groups.map((group) => h("span", null, `${group} `)),
      ),
      h("p", { class: "small muted" }, words.contact.compare),
    ],
  );
}

function ReportSheet({
  phone,
  whom,
  onClose,
}: {
  readonly phone: PlayedPhone;
  readonly whom: string;
  readonly onClose: () => void;
}): View {
  const [text, setText] = useState("");
  const [block, setBlock] = useState(true);
  const report = async (): Promise<void> => {
    onClose();
    const said = text.trim() === "" ? {} : { text: text.trim() };
    const done = await phone.does("reports", { to: whom, ...said });
    if (done && block) await phone.does("blocks", { to: whom });
  };
  return h(
    Sheet,
    { title: words.contact.report, onClose },
    h(
      "form",
      {
        class: "stack",
        onSubmit: (event: Event) => {
          event.preventDefault();
          void report();
        },
      },
      h(
        "label",
        null,
        words.contact.why,
        h("textarea", {
          rows: 3,
          value: text,
          onInput: (event: Event) => setText((event.currentTarget as HTMLTextAreaElement).value),
        }),
      ),
      h(
        "label",
        { class: "choice" },
        h("input", { type: "checkbox", checked: block, onChange: () => setBlock(!block) }),
        words.contact.alsoBlock,
      ),
      h("button", { class: "danger", type: "submit" }, words.contact.report),
    ),
  );
}

interface ContactScreenProps {
  readonly phone: PlayedPhone;
  readonly settings: PhoneSettings;
  readonly with: string;
}

/** Who the other side is, the safety number, block and report. */
export function ContactScreen({ phone, settings, with: whom }: ContactScreenProps): View {
  const { person } = phone;
  const [reporting, setReporting] = useState(false);
  const contact = settings.contacts.find(({ id }) => id === whom);
  const chat = phone.link.chats.get(whom) ?? emptyChat(whom, whom);
  const name = contactName(chat, contact);
  const app = settings.apps.find(({ id }) => id === contact?.app)?.name;
  const thirdParty = hasThirdPartyChats(settings.me.network);
  const blocked = contact?.blocked === true;
  const news = chat.messages.length;
  const state =
    contact === undefined
      ? words.chat.gone
      : contact.connected
        ? words.contact.connected
        : words.contact.away;
  return h(
    "section",
    { class: "screen", "aria-label": words.chat.info },
    h(ScreenBar, { title: words.contact.title, back: { at: "chat", person, with: whom } }),
    h(
      "div",
      { class: "scroll stack padded" },
      h(
        "div",
        { class: "who" },
        h(Face, { name, mark: contactMark(settings.me.network) }),
        h("h2", null, name),
        h(
          "p",
          { class: "muted small" },
          [...(thirdParty ? [whom] : []), app]
            .filter((part) => part !== undefined && part !== name)
            .join(", "),
        ),
        thirdParty && h("p", { class: "small muted" }, state),
      ),
      contact && thirdParty && h(SafetyNumber, { person, whom, news }),
      contact &&
        thirdParty &&
        h(
          "button",
          {
            type: "button",
            class: blocked ? "" : "danger",
            onClick: () => void phone.does(blocked ? "unblocks" : "blocks", { to: whom }),
          },
          blocked ? words.chat.unblock : words.contact.block,
        ),
      contact &&
        thirdParty &&
        h(
          "button",
          { type: "button", class: "danger", onClick: () => setReporting(true) },
          words.contact.report,
        ),
      thirdParty && h("p", { class: "small muted" }, words.contact.blockHint),
    ),
    reporting && h(ReportSheet, { phone, whom, onClose: () => setReporting(false) }),
  );
}
