import { useRef } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import type { PersonSettings } from "../../model/phone.ts";
import { base64 } from "../chat/sent-file.ts";
import type { PlayedPhone } from "../link/played-phone.ts";
import { words } from "../words.ts";

interface PictureCardProps {
  readonly phone: Pick<PlayedPhone, "does">;
  readonly me: PersonSettings;
}

/** What everybody sees of the person: one of the drawn pictures, a file, or none. */
export function PictureCard({ phone, me }: PictureCardProps): View {
  const picker = useRef<HTMLInputElement>(null);
  const pick = async (): Promise<void> => {
    const [file] = picker.current?.files ?? [];
    if (picker.current !== null && file !== undefined) {
      picker.current.value = "";
      await phone.does("setsPicture", { media: await base64(file) });
    }
  };
  return h(
    "section",
    { class: "card stack" },
    h("h3", null, words.settings.picture),
    h(
      "div",
      { class: "grid" },
      Object.entries(words.settings.drawn).map(([drawn, name]) =>
        h("button", { type: "button", onClick: () => void phone.does("setsPicture", { drawn }) }, name),
      ),
      h("button", { type: "button", onClick: () => picker.current?.click() }, words.settings.pictureFile),
      me.picture !== null &&
        h(
          "button",
          { type: "button", onClick: () => void phone.does("setsPicture") },
          words.settings.pictureNone,
        ),
    ),
    h("input", {
      ref: picker,
      type: "file",
      accept: "image/png,image/jpeg",
      hidden: true,
      "aria-label": words.settings.pictureFile,
      onChange: () => void pick(),
    }),
  );
}
