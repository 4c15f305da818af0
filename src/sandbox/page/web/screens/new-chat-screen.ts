import { useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { Face } from "../../../../page/web/face.ts";
import { type Contact, hasThirdPartyChats, type PhoneSettings } from "../../model/phone.ts";
import type { PlayedPhone } from "../link/played-phone.ts";
import { contactMark } from "../network-mark.ts";
import { go, hashOf } from "../route.ts";
import { words } from "../words.ts";
import { ScreenBar } from "./screen-bar.ts";

function contactRow(person: string, settings: PhoneSettings, contact: Contact): View {
  const app = settings.apps.find(({ id }) => id === contact.app)?.name ?? "";
  const name = contact.name ?? contact.id;
  return h(
    "li",
    { key: `${contact.app} ${contact.id}` },
    h(
      "a",
      { class: "row", href: hashOf({ at: "chat", person, with: contact.id }) },
      h(Face, { name, mark: contactMark(settings.me.network) }),
      h(
        "div",
        { class: "row-text" },
        h("h3", null, name),
        h(
          "p",
          { class: "small muted" },
          contact.name === null || !hasThirdPartyChats(settings.me.network) ? app : `${contact.id}, ${app}`,
        ),
      ),
    ),
  );
}

/** Writes to somebody new: from the contacts, or by the name they have on the other app. */
export function NewChatScreen({
  phone,
  settings,
}: {
  readonly phone: PlayedPhone;
  readonly settings: PhoneSettings;
}): View {
  const { person } = phone;
  const [who, setWho] = useState("");
  const [unknown, setUnknown] = useState(false);
  const { contacts } = settings;
  const said = hasThirdPartyChats(settings.me.network) ? words.newChat : words.newChat.ofSignal;
  const open = (): void => {
    const wanted = who.trim().toLowerCase();
    const found = contacts.find(
      ({ id, name }) => id.toLowerCase() === wanted || name?.toLowerCase() === wanted,
    );
    setUnknown(found === undefined);
    if (found !== undefined) go({ at: "chat", person, with: found.id });
  };
  return h(
    "section",
    { class: "screen", "aria-label": words.newChat.title },
    h(ScreenBar, { title: words.newChat.title, back: { at: "chats", person } }),
    h(
      "div",
      { class: "scroll" },
      h(
        "form",
        {
          class: "form",
          onSubmit: (event: Event) => {
            event.preventDefault();
            open();
          },
        },
        h(
          "label",
          null,
          said.who,
          h("input", {
            value: who,
            required: true,
            autocomplete: "off",
            "aria-describedby": "who-hint",
            onInput: (event: Event) => setWho((event.currentTarget as HTMLInputElement).value),
          }),
        ),
        h("p", { id: "who-hint", class: "small muted" }, said.hint),
        unknown && h("p", { class: "note bad", role: "alert" }, said.unknown),
        h("button", { class: "primary", type: "submit" }, words.newChat.open),
        settings.features["groups"] === true &&
          h("a", { class: "button", href: hashOf({ at: "newGroup", person }) }, words.group.new),
      ),
      h("h3", { class: "section" }, said.contacts),
      contacts.length === 0
        ? h("p", { class: "empty muted" }, said.none)
        : h(
            "ul",
            { class: "rows" },
            contacts.map((contact) => contactRow(person, settings, contact)),
          ),
    ),
  );
}
