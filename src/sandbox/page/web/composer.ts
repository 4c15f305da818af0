import { useRef, useState } from "preact/hooks";
import { h, type View } from "./dom.ts";
import type { PlayedPhone } from "./played-phone.ts";
import { words } from "./words.ts";

/** Where one writes. Enter sends, Shift and Enter begin a new line. */
export function Composer({ phone, to }: { readonly phone: PlayedPhone; readonly to: string }): View {
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const send = (): void => {
    if (text.trim() === "") return;
    phone.send("says", to, { text }, { text });
    setText("");
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  return h(
    "form",
    {
      class: "write",
      onSubmit: (event: Event) => {
        event.preventDefault();
        send();
      },
    },
    h("textarea", {
      ref: field,
      rows: 1,
      value: text,
      placeholder: words.chat.write,
      "aria-label": words.chat.write,
      onInput: (event: Event) => setText((event.currentTarget as HTMLTextAreaElement).value),
      onKeyDown,
    }),
    h("button", { class: "primary icon-button", type: "submit", "aria-label": words.chat.send }, "➤"),
  );
}
