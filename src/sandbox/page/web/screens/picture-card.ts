import { useRef } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { base64 } from "../chat/sent-file.ts";
import { words } from "../words.ts";

interface PictureCardProps {
  /** Sets the picture that it is given, or none. */
  readonly sets: (picture: { readonly media?: string; readonly drawn?: string }) => Promise<boolean>;
  readonly isThere: boolean;
}

/** What everybody sees of a person or group: one of the drawn pictures, a file, or none. */
export function PictureCard({ sets, isThere }: PictureCardProps): View {
  const picker = useRef<HTMLInputElement>(null);
  const pick = async (): Promise<void> => {
    const [file] = picker.current?.files ?? [];
    if (picker.current !== null && file !== undefined) {
      picker.current.value = "";
      await sets({ media: await base64(file) });
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
        h("button", { type: "button", onClick: () => void sets({ drawn }) }, name),
      ),
      h("button", { type: "button", onClick: () => picker.current?.click() }, words.settings.pictureFile),
      isThere && h("button", { type: "button", onClick: () => void sets({}) }, words.settings.pictureNone),
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
