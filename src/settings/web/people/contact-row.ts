import { useId, useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import { Icon } from "../../../page/web/icon.ts";
import { Switch } from "../../../page/web/switch.ts";
import { PersonMark } from "../parts/network-mark.ts";
import { roomLink } from "../parts/room-link.ts";
import { type Speech, useSpeech } from "../words/speech.ts";
import { Compare } from "./compare.ts";
import { type ContactProps, contactPath } from "./contact.ts";
import { Quiet } from "./quiet.ts";
import { reachabilityWord, whyUnreachable } from "./reachability.ts";
import { ReportSheet } from "./report-sheet.ts";

/** What matters most about somebody, as a chip; nothing where all is as it should be. */
function chip(speech: Speech, { contact, network }: ContactProps): View | false {
  const { people } = speech.words;
  const { trust, blocked } = contact.contact ?? {};
  if (blocked === true) return h("span", { class: "chip bad" }, people.blocked);
  if (contact.reachability.state !== "reachable")
    return h("span", { class: "chip off" }, reachabilityWord(speech, contact, network));
  if (trust === "changed") return h("span", { class: "chip warn" }, people.changed);
  if (trust === "verified") return h("span", { class: "chip good" }, people.verified);
  return false;
}

/** Somebody, and behind a button what can be done about them. */
export function ContactRow(props: ContactProps): View {
  const { contact, network } = props;
  const speech = useSpeech();
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const name = contact.name ?? contact.id;
  const [identifier] = contact.identifiers ?? [];
  return h(
    "li",
    null,
    h(
      "div",
      { class: "row" },
      h(PersonMark, { name, network }),
      h(
        "div",
        { class: "grow" },
        h("h3", { class: "wraps" }, name),
        h("p", { class: "small muted wraps" }, [identifier, network?.name].filter(Boolean).join(" · ")),
      ),
      chip(speech, props),
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-expanded": isOpen,
          "aria-controls": id,
          "aria-label": speech.fill(speech.words.people.about, { name }),
          onClick: () => setOpen(!isOpen),
        },
        h(Icon, { name: "more" }),
      ),
    ),
    h("div", { id, hidden: !isOpen }, isOpen && h(ContactActs, props)),
  );
}

function ContactActs({ person, contact, network }: ContactProps): View {
  const speech = useSpeech();
  const { people } = speech.words;
  const [isComparing, setComparing] = useState(false);
  const [isReporting, setReporting] = useState(false);
  const { contact: about } = contact;
  const name = contact.name ?? contact.id;
  const why = whyUnreachable(speech, contact, network);
  const put = async (what: string, body: unknown): Promise<false> => {
    await person.does(() => person.api.inTurn("PUT", contactPath(contact, what), body));
    return false;
  };
  return h(
    "div",
    { class: "about arrives" },
    why !== undefined && h("p", { class: "small" }, why),
    about !== undefined &&
      about.failed > 0 &&
      h("p", { class: "small" }, speech.count(people.failed, about.failed, {})),
    h(
      "div",
      { class: "acts start" },
      contact.dm_room_mxid !== undefined &&
        h("a", { class: "button", ...roomLink(contact.dm_room_mxid, person) }, people.open),
      about?.can.verify === true &&
        h(
          "button",
          { type: "button", "aria-expanded": isComparing, onClick: () => setComparing(!isComparing) },
          people.compare,
        ),
      about?.can.report === true &&
        h("button", { type: "button", class: "danger", onClick: () => setReporting(true) }, people.report),
    ),
    isComparing && h(Compare, { person, contact, network }),
    // What is quiet can be loud again, whatever became of the rest.
    (about?.can.quiet === true || about?.quiet_until !== undefined) && h(Quiet, { person, contact }),
    about &&
      h(Switch, {
        label: people.mute,
        hint: people.muteHint,
        on: about.muted,
        act: (muted: boolean) => put("muted", { muted }),
      }),
    about &&
      (about.can.block || about.blocked) &&
      h(Switch, {
        label: speech.fill(people.block, { name }),
        hint: people.blockHint,
        on: about.blocked,
        act: (blocked: boolean) => put("blocked", { blocked }),
      }),
    isReporting && h(ReportSheet, { person, contact, network, onClose: () => setReporting(false) }),
  );
}
