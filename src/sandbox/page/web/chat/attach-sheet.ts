import { useEffect, useMemo, useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { Icon } from "../../../../page/web/icon.ts";
import { sizeOf } from "../phone-time.ts";
import { Sheet } from "../sheet.ts";
import { words } from "../words.ts";

export type FileKind = "image" | "voice" | "video" | "gif" | "file";

/** How a phone would send a file of this type, the likeliest first. */
function kindsFor(type: string): readonly FileKind[] {
  if (type === "image/jpeg" || type === "image/png") return ["image", "file"];
  if (type.startsWith("video/")) return ["video", "gif", "file"];
  if (type.startsWith("audio/")) return ["voice", "file"];
  return ["file"];
}

interface AttachSheetProps {
  readonly file: File;
  /** As what it may be sent, the likeliest first; as a phone does where none are named. */
  readonly kinds?: readonly FileKind[];
  readonly onSend: (kind: FileKind, caption: string) => void;
  readonly onClose: () => void;
}

/** Shows the picked file, takes a caption, and asks as what it is to be sent. */
export function AttachSheet({ file, kinds = kindsFor(file.type), onSend, onClose }: AttachSheetProps): View {
  const [kind, setKind] = useState<FileKind>(kinds[0] ?? "file");
  const [caption, setCaption] = useState("");
  const address = useMemo(() => URL.createObjectURL(file), [file]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  const preview =
    kind === "image"
      ? h("img", { class: "preview", src: address, alt: file.name })
      : h("p", { class: "file" }, h(Icon, { name: "file" }), `${file.name}, ${sizeOf(file.size)}`);
  return h(
    Sheet,
    { title: words.attach.title, onClose },
    h(
      "form",
      {
        class: "stack",
        onSubmit: (event: Event) => {
          event.preventDefault();
          onSend(kind, caption.trim());
        },
      },
      preview,
      kinds.length > 1 &&
        h(
          "fieldset",
          null,
          h("legend", null, words.attach.as),
          kinds.map((one) =>
            h(
              "label",
              { class: "choice" },
              h("input", {
                type: "radio",
                name: "kind",
                checked: one === kind,
                onChange: () => setKind(one),
              }),
              words.kinds[one],
            ),
          ),
        ),
      kind !== "voice" &&
        h("input", {
          "aria-label": words.attach.caption,
          placeholder: words.attach.caption,
          value: caption,
          onInput: (event: Event) => setCaption((event.currentTarget as HTMLInputElement).value),
        }),
      h("button", { class: "primary", type: "submit" }, words.chat.send),
    ),
  );
}

const others = [
  "location",
  "contact",
  "poll",
  "sticker",
  "status",
  "disappearing",
  "viewOnce",
  "unknown",
  "call",
] as const;
export type OtherKind = (typeof others)[number];

interface MoreSheetProps {
  readonly onFile: () => void;
  /** Absent where the phone is played by who cannot send them. */
  readonly onOther: ((kind: OtherKind) => void) | undefined;
  readonly onClose: () => void;
}

/** What else a phone can send: a file, and the kinds that a check wants to see handled. */
export function MoreSheet({ onFile, onOther, onClose }: MoreSheetProps): View {
  return h(
    Sheet,
    { title: words.attach.more, onClose },
    h("button", { type: "button", class: "primary", onClick: onFile }, words.attach.file),
    onOther && [
      h("h3", null, words.attach.others),
      h("p", { class: "small muted" }, words.attach.othersHint),
      h(
        "div",
        { class: "grid" },
        others.map((kind) =>
          h("button", { type: "button", onClick: () => onOther(kind) }, words.attach.kinds[kind]),
        ),
      ),
    ],
  );
}
