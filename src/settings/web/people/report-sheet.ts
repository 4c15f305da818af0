import { useEffect, useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import { Sheet } from "../../../page/web/sheet.ts";
import type { Report } from "../api/answers.ts";
import { Refusal } from "../api/refusal.ts";
import { ActButton } from "../parts/act-button.ts";
import { refusalLang, refusalWords, TroubleInSheet } from "../parts/said.ts";
import { useSpeech } from "../words/speech.ts";
import { type ContactProps, contactPath } from "./contact.ts";

/** What a report would hand over, word for word, before it is sent. */
export function ReportSheet({
  person,
  contact,
  onClose,
}: ContactProps & { readonly onClose: () => void }): View {
  const speech = useSpeech();
  const { report, page, people } = speech.words;
  const [shown, setShown] = useState<Report | Refusal>();
  const [isBlocked, setBlocked] = useState(contact.contact?.can.block === true);
  const name = contact.name ?? contact.id;
  const read = async (): Promise<void> => {
    setShown(await person.api.ask<Report>("GET", contactPath(contact, "report")).catch(Refusal.from));
  };
  useEffect(() => void read(), []);
  const send = async (): Promise<void> => {
    if (shown === undefined || shown instanceof Refusal) return;
    const messages = shown.messages.map(({ id }) => id);
    let isOther = false;
    let isOpen = false;
    const done = await person.does(async () => {
      try {
        await person.api.inTurn("POST", contactPath(contact, "report"), { messages });
      } catch (cause) {
        isOther = Refusal.from(cause).status === 409;
        throw cause;
      }
      // What was handed over is not handed over again because they could not be blocked.
      if (isBlocked && contact.contact?.blocked !== true)
        await person.api
          .inTurn("PUT", contactPath(contact, "blocked"), { blocked: true })
          .catch(() => (isOpen = true));
    });
    // There are other messages by now: they are shown before anything is handed over.
    if (isOther) return read();
    if (!done) return;
    onClose();
    const { network_name: network } = shown;
    if (isOpen) person.say("trouble", speech.fill(report.unblocked, { network, name }));
    else person.say("done", speech.fill(report.done, { network }));
  };
  const isReady = shown !== undefined && !(shown instanceof Refusal);
  return h(
    Sheet,
    { title: speech.fill(report.title, { name }), close: page.close, onClose },
    shown === undefined && h("p", { class: "muted", role: "status" }, page.loading),
    shown instanceof Refusal &&
      h(
        "p",
        { class: "note bad", role: "alert", ...refusalLang(speech, shown) },
        refusalWords(speech, shown),
      ),
    isReady && [
      h(
        "p",
        { key: "says" },
        speech.fill(shown.messages.length === 0 ? report.saysNone : report.says, {
          network: shown.network_name,
          name,
        }),
      ),
      h(
        "ol",
        { key: "messages", class: "handed plain" },
        shown.messages.map(({ id, at, text }) =>
          h(
            "li",
            { key: id },
            h("p", { class: "wraps" }, text),
            h("p", { class: "small muted" }, speech.when(at)),
          ),
        ),
      ),
      contact.contact?.can.block === true &&
        !contact.contact.blocked &&
        h(
          "label",
          { key: "block", class: "choice" },
          h("input", { type: "checkbox", checked: isBlocked, onChange: () => setBlocked(!isBlocked) }),
          h("span", null, speech.fill(people.block, { name })),
        ),
    ],
    h(TroubleInSheet, { person }),
    h(
      "div",
      { class: "acts" },
      h("button", { type: "button", onClick: onClose }, page.cancel),
      isReady && h(ActButton, { kind: "danger", act: send }, report.yes),
    ),
  );
}
