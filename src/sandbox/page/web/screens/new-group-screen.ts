import { useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import type { PhoneSettings } from "../../model/phone.ts";
import type { PlayedPhone } from "../link/played-phone.ts";
import { go } from "../route.ts";
import { words } from "../words.ts";
import { candidates } from "./group-rights.ts";
import { MemberChoice } from "./member-choice.ts";
import { ScreenBar } from "./screen-bar.ts";

const newId = (): string => `page-${crypto.randomUUID()}`;

/** Makes a group of contacts on other apps and of others on the network. */
export function NewGroupScreen({
  phone,
  settings,
}: {
  readonly phone: PlayedPhone;
  readonly settings: PhoneSettings;
}): View {
  const { person } = phone;
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const make = async (): Promise<void> => {
    const id = newId();
    const made = await phone.does("createsGroup", { name: name.trim(), members: chosen, id });
    if (made) go({ at: "chat", person, with: `${id}@g.us` });
  };
  return h(
    "section",
    { class: "screen", "aria-label": words.group.new },
    h(ScreenBar, { title: words.group.new, back: { at: "newChat", person } }),
    h(
      "form",
      {
        class: "scroll form",
        onSubmit: (event: Event) => {
          event.preventDefault();
          void make();
        },
      },
      h(
        "label",
        null,
        words.group.name,
        h("input", {
          value: name,
          required: true,
          maxLength: 100,
          autocomplete: "off",
          onInput: (event: Event) => setName((event.currentTarget as HTMLInputElement).value),
        }),
      ),
      h(MemberChoice, { all: candidates(settings), chosen, onChange: setChosen }),
      h(
        "button",
        { class: "primary", type: "submit", disabled: name.trim() === "" || chosen.length === 0 },
        words.group.make,
      ),
    ),
  );
}
