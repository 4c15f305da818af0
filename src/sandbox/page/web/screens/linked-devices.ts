import { useRef, useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { base64 } from "../chat/sent-file.ts";
import type { PlayedPhone } from "../link/played-phone.ts";
import { words } from "../words.ts";

interface LinkedDevicesProps {
  readonly phone: Pick<PlayedPhone, "does">;
  readonly count: number;
}

/** Signal's Linked devices: links whoever shows the code, and ends what is linked. */
export function LinkedDevices({ phone, count }: LinkedDevicesProps): View {
  const [code, setCode] = useState("");
  const picker = useRef<HTMLInputElement>(null);
  const pick = async (): Promise<void> => {
    const [file] = picker.current?.files ?? [];
    if (picker.current === null || file === undefined) return;
    picker.current.value = "";
    await phone.does("scans", { picture: await base64(file) });
  };
  const link = async (): Promise<void> => {
    if (code.trim() !== "" && (await phone.does("scans", { qr: code.trim() }))) setCode("");
  };
  return h(
    "section",
    { class: "card stack" },
    h("h3", null, words.settings.devices),
    h("p", { role: "status" }, count === 0 ? words.settings.noDevice : words.settings.deviceCount(count)),
    count > 0 &&
      h(
        "button",
        { type: "button", class: "danger", onClick: () => void phone.does("unlinks") },
        words.settings.unlink,
      ),
    h("p", { class: "small muted" }, words.settings.deviceHint),
    h(
      "button",
      { type: "button", class: "primary", onClick: () => picker.current?.click() },
      words.settings.scan,
    ),
    h("input", {
      ref: picker,
      type: "file",
      accept: "image/png",
      hidden: true,
      "aria-label": words.settings.scan,
      onChange: () => void pick(),
    }),
    h(
      "form",
      {
        class: "stack",
        onSubmit: (event: Event) => {
          event.preventDefault();
          void link();
        },
      },
      h(
        "label",
        null,
        words.settings.deviceCode,
        h("input", {
          value: code,
          autocomplete: "off",
          spellcheck: false,
          onInput: (event: Event) => setCode((event.currentTarget as HTMLInputElement).value),
        }),
      ),
      h("button", { type: "submit", disabled: code.trim() === "" }, words.settings.link),
    ),
  );
}
