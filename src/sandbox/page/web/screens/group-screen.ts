import { h, type View } from "../../../../page/web/dom.ts";
import { Face } from "../../../../page/web/face.ts";
import { Switch } from "../../../../page/web/switch.ts";
import { emptyChat } from "../../model/fold.ts";
import type { Group, PhoneSettings } from "../../model/phone.ts";
import { groupPicture } from "../link/control-api.ts";
import type { PlayedPhone } from "../link/played-phone.ts";
import { contactMark } from "../network-mark.ts";
import { words } from "../words.ts";
import { Change } from "./change-field.ts";
import { chatName } from "./contact-name.ts";
import { GroupMembers } from "./group-members.ts";
import { isAdminOf } from "./group-rights.ts";
import { PictureCard } from "./picture-card.ts";
import { ScreenBar } from "./screen-bar.ts";

interface GroupScreenProps {
  readonly phone: PlayedPhone;
  readonly settings: PhoneSettings;
  readonly with: string;
}

/** What a group is called, who is in it, who may do what, and the way out. */
export function GroupScreen({ phone, settings, with: id }: GroupScreenProps): View {
  const group = settings.groups?.find((one) => one.group === id);
  const name = chatName(phone.link.chats.get(id) ?? emptyChat(id, id), settings);
  return h(
    "section",
    { class: "screen", "aria-label": words.group.info },
    h(ScreenBar, { title: words.group.title, back: { at: "chat", person: phone.person, with: id } }),
    h(
      "div",
      { class: "scroll stack padded" },
      h(
        "div",
        { class: "who" },
        h(Face, { name, picture: groupPicture(group), mark: contactMark(settings.me.network) }),
        h("h2", null, name),
        group && group.description !== "" && h("p", { class: "small" }, group.description),
        h("p", { class: "small muted" }, group ? words.group.writesNow[group.writes] : words.group.notIn),
      ),
      group && [
        h(GroupMembers, { phone, settings, group }),
        (isAdminOf(group, settings) || group.changes === "all") && changes(phone, group),
        isAdminOf(group, settings) && rights(phone, group),
        h(
          "button",
          {
            type: "button",
            class: "danger",
            onClick: () => void phone.does("leavesGroup", { group: group.group }),
          },
          words.group.leave,
        ),
        h("p", { class: "small muted" }, words.group.leaveHint),
      ],
    ),
  );
}

const changes = (phone: PlayedPhone, { group, name, description, picture }: Group): readonly View[] => [
  h(
    "section",
    { class: "card" },
    h(Change, {
      key: name,
      label: words.group.name,
      value: name,
      act: (wanted: string) => void phone.does("renamesGroup", { group, name: wanted }),
    }),
  ),
  h(
    "section",
    { class: "card" },
    h(Change, {
      key: description,
      label: words.group.description,
      value: description,
      mayBeEmpty: true,
      act: (text: string) => void phone.does("describesGroup", { group, text }),
    }),
  ),
  h(PictureCard, {
    sets: (wanted) => phone.does("setsGroupPicture", { group, ...wanted }),
    isThere: picture !== null,
  }),
];

function rights(phone: PlayedPhone, { group, writes, changes: who }: Group): View {
  const restricts = (what: "writes" | "changes") => (on: boolean) =>
    phone.does("restrictsGroup", { group, [what]: on ? "admins" : "all" });
  return h(
    "section",
    { class: "card" },
    h(Switch, {
      label: words.group.onlyAdminsWrite,
      on: writes === "admins",
      act: restricts("writes"),
    }),
    h(Switch, {
      label: words.group.onlyAdminsChange,
      hint: words.group.changeHint,
      on: who === "admins",
      act: restricts("changes"),
    }),
  );
}
