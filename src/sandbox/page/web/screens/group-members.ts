import { useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { Face } from "../../../../page/web/face.ts";
import { Icon } from "../../../../page/web/icon.ts";
import type { Group, GroupMember, PhoneSettings } from "../../model/phone.ts";
import type { PlayedPhone } from "../link/played-phone.ts";
import { hashOf } from "../route.ts";
import { Sheet } from "../sheet.ts";
import { words } from "../words.ts";
import { candidates, isAdminOf } from "./group-rights.ts";
import { MemberChoice } from "./member-choice.ts";

interface GroupMembersProps {
  readonly phone: PlayedPhone;
  readonly settings: PhoneSettings;
  readonly group: Group;
}

/** Who is in a group and as what; admins change that. */
export function GroupMembers({ phone, settings, group }: GroupMembersProps): View {
  const [about, setAbout] = useState<GroupMember>();
  const [adding, setAdding] = useState(false);
  const admin = isAdminOf(group, settings);
  const mayAdd = admin || group.changes === "all";
  const me = settings.me.external_id;
  const row = (member: GroupMember): View => {
    const name = member.id === me ? words.group.you : member.name;
    return h(
      "li",
      { class: "row", key: member.id },
      h(Face, { name: member.name }),
      h(
        "div",
        { class: "row-text" },
        h("h3", null, name),
        h(
          "p",
          { class: "small muted" },
          [words.group.parts[member.part], member.id]
            .filter((part) => part !== "" && part !== name)
            .join(", "),
        ),
      ),
      member.id !== me &&
        h(
          "button",
          {
            type: "button",
            class: "icon-button",
            "aria-label": words.group.about(member.name),
            onClick: () => setAbout(member),
          },
          h(Icon, { name: "more" }),
        ),
    );
  };
  return h(
    "section",
    { class: "card" },
    h("h3", null, `${words.group.members} (${group.members.length})`),
    h("ul", { class: "rows" }, group.members.map(row)),
    mayAdd && h("button", { type: "button", onClick: () => setAdding(true) }, words.group.add),
    about && h(MemberSheet, { phone, settings, group, member: about, onClose: () => setAbout(undefined) }),
    adding && h(AddSheet, { phone, settings, group, onClose: () => setAdding(false) }),
  );
}

interface SheetProps extends GroupMembersProps {
  readonly onClose: () => void;
}

function MemberSheet({
  phone,
  settings,
  group: { group, ...rest },
  member,
  onClose,
}: SheetProps & { readonly member: GroupMember }): View {
  const admin = isAdminOf({ group, ...rest }, settings) && member.part !== "superadmin";
  const isContact = settings.contacts.some(({ id }) => id === member.id);
  const act = (verb: string, label: string, grave = false): View =>
    h(
      "button",
      {
        type: "button",
        class: grave ? "danger" : "",
        onClick: () => {
          onClose();
          void phone.does(verb, { group, member: member.id });
        },
      },
      label,
    );
  return h(
    Sheet,
    { title: member.name, onClose },
    isContact &&
      h(
        "a",
        { class: "button", href: hashOf({ at: "chat", person: phone.person, with: member.id }) },
        words.group.write,
      ),
    admin &&
      (member.part === "member" ? act("promotes", words.group.promote) : act("demotes", words.group.demote)),
    admin && act("removes", words.group.remove, true),
  );
}

function AddSheet({ phone, settings, group, onClose }: SheetProps): View {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const all = candidates(
    settings,
    group.members.map(({ id }) => id),
  );
  return h(
    Sheet,
    { title: words.group.add, onClose },
    h(
      "form",
      {
        class: "stack",
        onSubmit: (event: Event) => {
          event.preventDefault();
          onClose();
          void phone.does("adds", { group: group.group, members: chosen });
        },
      },
      h(MemberChoice, { all, chosen, onChange: setChosen }),
      h("button", { class: "primary", type: "submit", disabled: chosen.length === 0 }, words.group.added),
    ),
  );
}
