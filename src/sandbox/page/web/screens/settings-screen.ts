import { useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { Face } from "../../../../page/web/face.ts";
import { Switch, useChoice } from "../../../../page/web/switch.ts";
import { hasThirdPartyChats, type PhoneSettings } from "../../model/phone.ts";
import { pictureAddress } from "../link/control-api.ts";
import type { PlayedPhone } from "../link/played-phone.ts";
import { networkMark } from "../network-mark.ts";
import { go, hashOf } from "../route.ts";
import { Sheet } from "../sheet.ts";
import { words } from "../words.ts";
import { Change } from "./change-field.ts";
import { LinkedDevices } from "./linked-devices.ts";
import { PictureCard } from "./picture-card.ts";
import { ScreenBar } from "./screen-bar.ts";

interface SettingsProps {
  readonly phone: PlayedPhone;
  readonly settings: PhoneSettings;
}

type Grave = "reinstalls" | "leaves";

/** What somebody with third-party chats changes about themselves. */
function OwnSettings({
  phone,
  settings,
  onGrave,
}: SettingsProps & { readonly onGrave: (grave: Grave) => void }): View {
  const { me } = settings;
  return h(
    "div",
    { class: "stack" },
    h(
      "a",
      { class: "setting card row-link", href: hashOf({ at: "account", person: phone.person }) },
      h(
        "div",
        { class: "row-text" },
        h("h3", null, words.settings.account),
        h("p", { class: "small muted" }, words.settings.accountHint),
      ),
      h("span", { "aria-hidden": "true" }, "›"),
    ),
    h(
      "section",
      { class: "card" },
      h(Switch, {
        label: words.settings.online,
        hint: words.settings.onlineHint,
        on: me.online,
        act: (on: boolean) => phone.does(on ? "comesOnline" : "goesOffline"),
      }),
    ),
    h(PictureCard, {
      sets: (picture) => phone.does("setsPicture", picture),
      isThere: me.picture !== null,
    }),
    h(
      "section",
      { class: "card" },
      h(Change, {
        key: me.name,
        label: words.person.name,
        value: me.name,
        act: (name: string) => void phone.does("renames", { name }),
      }),
    ),
    me.phone !== null &&
      h(
        "section",
        { class: "card" },
        h(Change, {
          key: me.phone,
          label: words.person.phone,
          value: me.phone,
          hint: words.settings.phoneHint,
          act: (number: string) => void phone.does("changesPhone", { phone: number }),
        }),
      ),
    h("button", { type: "button", onClick: () => onGrave("reinstalls") }, words.settings.reinstall),
    h("button", { type: "button", class: "danger", onClick: () => onGrave("leaves") }, words.settings.leave),
  );
}

/** Settings of the phone, without those of other apps, which WhatsApp has under Account. */
export function SettingsScreen({ phone, settings }: SettingsProps): View {
  const { person } = phone;
  const { me } = settings;
  const thirdParty = hasThirdPartyChats(me.network);
  const [grave, setGrave] = useState<Grave>();
  const doGrave = async (verb: Grave): Promise<void> => {
    setGrave(undefined);
    const done = await phone.does(verb);
    if (done && verb === "leaves") go({ at: "people" });
  };
  return h(
    "section",
    { class: "screen", "aria-label": words.settings.title },
    h(ScreenBar, { title: words.settings.title, back: { at: "chats", person } }),
    h(
      "div",
      { class: "scroll stack padded" },
      h(
        "div",
        { class: "who" },
        h(Face, { name: me.name, picture: pictureAddress(me), mark: networkMark[me.network] }),
        h("h2", null, me.name),
        h("p", { class: "muted small" }, `${words.networks[me.network]}, ${me.external_id}`),
      ),
      thirdParty
        ? h(OwnSettings, { phone, settings, onGrave: setGrave })
        : h(LinkedDevices, { phone, count: me.devices ?? 0 }),
    ),
    grave &&
      h(
        Sheet,
        { title: words.settings.grave[grave].title, onClose: () => setGrave(undefined) },
        h("p", null, words.settings.grave[grave].says),
        h(
          "button",
          { type: "button", class: "danger", onClick: () => void doGrave(grave) },
          words.settings.grave[grave].yes,
        ),
      ),
  );
}

/** Settings, Account: third-party chats on and off, the apps, the inbox. */
export function AccountScreen({ phone, settings }: SettingsProps): View {
  const { person } = phone;
  const { me, apps } = settings;
  const [chosen, chooseApps] = useChoice(me.apps.join(","), (list) =>
    phone.does("choosesApps", { apps: list === "" ? [] : list.split(",").map(Number) }),
  );
  const ids = chosen === "" ? [] : chosen.split(",").map(Number);
  const [inbox, chooseInbox] = useChoice(me.inbox, (mode) => phone.does("setsInbox", { mode }));
  const radio = (mode: "separate" | "combined"): View =>
    h(
      "label",
      { class: "choice" },
      h("input", {
        type: "radio",
        name: "inbox",
        checked: inbox === mode,
        onChange: () => chooseInbox(mode),
      }),
      h(
        "span",
        null,
        words.settings.inbox[mode],
        h("br", null),
        h("span", { class: "small muted" }, words.settings.inboxHint[mode]),
      ),
    );
  return h(
    "section",
    { class: "screen", "aria-label": words.settings.account },
    h(ScreenBar, { title: words.settings.account, back: { at: "settings", person } }),
    h(
      "div",
      { class: "scroll stack padded" },
      h(
        "section",
        { class: "card" },
        h(Switch, {
          label: words.chats.thirdParty,
          hint: words.settings.thirdPartyHint,
          on: me.optedIn,
          act: (on: boolean) => phone.does(on ? "turnsOn" : "turnsOff"),
        }),
      ),
      h(
        "fieldset",
        { class: "card" },
        h("legend", { class: "unseen" }, words.settings.apps),
        h("h3", { "aria-hidden": "true" }, words.settings.apps),
        apps.map(({ id, name, status }) =>
          h(
            "label",
            { class: "choice" },
            h("input", {
              type: "checkbox",
              checked: ids.includes(id),
              onChange: () =>
                chooseApps((ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id]).join(",")),
            }),
            h(
              "span",
              null,
              name,
              status !== "active" &&
                h("span", { class: "small muted" }, ` (${words.settings.status[status] ?? status})`),
            ),
          ),
        ),
      ),
      h(
        "fieldset",
        { class: "card" },
        h("legend", { class: "unseen" }, words.settings.inboxTitle),
        h("h3", { "aria-hidden": "true" }, words.settings.inboxTitle),
        radio("separate"),
        radio("combined"),
      ),
    ),
  );
}
