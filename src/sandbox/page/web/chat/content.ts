import type { ComponentChildren } from "preact";
import { h, type View } from "../../../../page/web/dom.ts";
import { Icon } from "../../../../page/web/icon.ts";
import type { Message, PhoneItem } from "../../model/phone.ts";
import { sizeOf } from "../phone-time.ts";
import { words } from "../words.ts";
import { rendered } from "./markup.ts";
import { useTries } from "./tries.ts";
import { VoiceNote } from "./voice-note.ts";

interface FileProps {
  readonly item: PhoneItem;
  /** Where the file's bytes are. */
  readonly address: string;
  readonly onFirstPlay: () => void;
}

function File({ item, address, onFirstPlay }: FileProps): View {
  const { src, failed, onError, again } = useTries(address);
  const { kind, caption, width, height, seconds = 0, waveform, media } = item;
  if (failed) {
    return h(
      "p",
      { class: "failed small", role: "status" },
      `${words.media.failed} `,
      h("button", { type: "button", class: "link", onClick: again }, words.chat.again),
    );
  }
  if (kind === "image") {
    const picture = h("img", {
      class: "picture",
      src,
      ...(width === undefined || height === undefined ? {} : { width, height }),
      alt: caption ?? words.kinds["image"] ?? "",
      onError,
    });
    return h("a", { href: src, target: "_blank", rel: "noopener" }, picture);
  }
  if (kind === "video" || kind === "gif") {
    const gif = kind === "gif";
    return h("video", {
      class: "picture",
      src,
      controls: true,
      loop: gif,
      muted: gif,
      preload: "metadata",
      "aria-label": caption ?? words.kinds[kind],
      onError,
    });
  }
  if (kind === "voice") return h(VoiceNote, { src, seconds, waveform, onError, onFirstPlay });
  const name = media?.name ?? words.kinds["file"];
  return h(
    "a",
    { class: "file", href: src, download: name },
    h(Icon, { name: "file" }),
    h(
      "span",
      null,
      name,
      h("br", null),
      h("span", { class: "small muted" }, `${media?.mimetype ?? ""} ${sizeOf(media?.size ?? 0)}`),
    ),
  );
}

function place({ latitude = 0, longitude = 0, name, address }: PhoneItem): View {
  return h(
    "p",
    null,
    "📍 ",
    name !== undefined && [h("b", null, name), h("br", null)],
    address !== undefined && [address, h("br", null)],
    h("span", { class: "small muted" }, `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`),
  );
}

function cards({ contacts = [] }: PhoneItem): ComponentChildren {
  return contacts.map(({ name, vcard }) => {
    const numbers = [...vcard.matchAll(/^TEL[^:\n]*:(.*)$/gm)].map(([, number = ""]) => number.trim());
    return h(
      "p",
      null,
      "👤 ",
      h("b", null, name),
      h("br", null),
      h("span", { class: "small muted" }, numbers.join(", ")),
    );
  });
}

/** What a message says or holds. */
export function contentOf(message: Message, address: string, onFirstPlay: () => void): ComponentChildren {
  const { item, edited } = message;
  const said = edited ?? item.text ?? item.caption;
  const text = said !== undefined && said !== "" && h("p", { class: "said", dir: "auto" }, rendered(said));
  if (item.media !== undefined) return [h(File, { item, address, onFirstPlay }), text];
  if (item.kind === "location") return place(item);
  if (item.kind === "contact") return cards(item);
  if (item.kind === "text") return text;
  if (item.kind === "undecryptable") return h("p", { class: "muted" }, words.chat.undecryptable);
  return h("p", { class: "muted" }, words.chat.unknown(item.what ?? item.kind));
}
