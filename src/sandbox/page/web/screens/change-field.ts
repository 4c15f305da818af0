import { useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { words } from "../words.ts";

interface ChangeProps {
  readonly label: string;
  readonly value: string;
  readonly hint?: string;
  /** Whether it may be emptied. */
  readonly mayBeEmpty?: boolean;
  readonly act: (value: string) => void;
}

/** One field with its button. */
export function Change({ label, value, hint, mayBeEmpty = false, act }: ChangeProps): View {
  const [wanted, setWanted] = useState(value);
  const isSame = wanted === value || (wanted.trim() === "" && !mayBeEmpty);
  return h(
    "form",
    {
      class: "stack",
      onSubmit: (event: Event) => {
        event.preventDefault();
        if (!isSame) act(wanted.trim());
      },
    },
    h(
      "label",
      null,
      label,
      h("input", {
        value: wanted,
        autocomplete: "off",
        onInput: (event: Event) => setWanted((event.currentTarget as HTMLInputElement).value),
      }),
    ),
    hint !== undefined && h("p", { class: "small muted" }, hint),
    h("button", { type: "submit", disabled: isSame }, words.settings.change),
  );
}
