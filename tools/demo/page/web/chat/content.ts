import type { MatrixEvent } from "matrix-js-sdk";
import type { ComponentChildren } from "preact";
import { h, type View } from "../../../../../src/page/web/dom.ts";
import { Icon } from "../../../../../src/page/web/icon.ts";
import { VoiceNote } from "../../../../../src/sandbox/page/web/chat/voice-note.ts";
import { sizeOf } from "../../../../../src/sandbox/page/web/phone-time.ts";
import type { Account } from "../link/account.ts";
import { useMedia } from "../link/media.ts";
import { words } from "../words.ts";
import { htmlBody } from "./html-body.ts";
import { linkedText } from "./linked-text.ts";
import { bodyOf, captionOf } from "./summary.ts";

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

interface ShownFile {
  readonly kind: "image" | "video" | "voice" | "file";
  readonly name: string;
  readonly caption?: string | undefined;
  readonly mimetype?: string | undefined;
  readonly size?: number | undefined;
  readonly w?: number | undefined;
  readonly h?: number | undefined;
  readonly seconds?: number | undefined;
  /** 0 to 100 each. */
  readonly waveform?: readonly number[] | undefined;
  readonly loops?: boolean;
}

const nothing = (): void => undefined;

/** A file whose bytes are on this page. */
export function LocalFile({ file, src }: { readonly file: ShownFile; readonly src: string }): View {
  const { kind, name, caption, w, h: height, seconds = 0, waveform, loops = false, mimetype, size } = file;
  if (kind === "image") {
    const measures = w === undefined || height === undefined ? {} : { width: w, height };
    const picture = h("img", { class: "picture", src, ...measures, alt: caption ?? name });
    return h("a", { href: src, target: "_blank", rel: "noopener" }, picture);
  }
  if (kind === "video")
    return h("video", {
      class: "picture",
      src,
      controls: true,
      loop: loops,
      muted: loops,
      preload: "metadata",
      "aria-label": caption ?? name,
    });
  if (kind === "voice")
    return h(VoiceNote, { src, seconds, waveform, onError: nothing, onFirstPlay: nothing });
  const under = [mimetype, size === undefined ? undefined : sizeOf(size)].filter(Boolean).join(" ");
  return h(
    "a",
    { class: "file", href: src, download: name },
    h(Icon, { name: "file" }),
    h("span", null, name, h("br", null), h("span", { class: "small muted" }, under)),
  );
}

function RemoteFile({
  account,
  mxc,
  file,
}: {
  readonly account: Account;
  readonly mxc: string;
  readonly file: ShownFile;
}): View {
  const { src, failed, again } = useMedia(account.media, mxc);
  if (src !== undefined) return h(LocalFile, { file, src });
  if (!failed) return h("p", { class: "muted small coming" }, `${file.name}, ${words.media.coming}`);
  return h(
    "p",
    { class: "failed small", role: "status" },
    `${words.media.failed} `,
    h("button", { type: "button", class: "link", onClick: again }, words.media.again),
  );
}

const kindOf = { "m.image": "image", "m.video": "video", "m.audio": "voice", "m.file": "file" } as const;

function fileOf(event: MatrixEvent): ShownFile {
  const content = event.getContent<Fields>();
  const info = fieldsOf(content["info"]);
  const audio = fieldsOf(content["org.matrix.msc1767.audio"]);
  const waveform = audio["waveform"];
  const ms = numberOf(info["duration"]) ?? numberOf(audio["duration"]);
  const kind = event.getType() === "m.sticker" ? "image" : kindOf[content["msgtype"] as keyof typeof kindOf];
  return {
    kind,
    name: textOf(content["filename"]) ?? textOf(content["body"]) ?? words.media.file,
    caption: captionOf(event),
    mimetype: textOf(info["mimetype"]),
    size: numberOf(info["size"]),
    w: numberOf(info["w"]),
    h: numberOf(info["h"]),
    seconds: ms === undefined ? undefined : ms / 1000,
    waveform: Array.isArray(waveform) ? waveform.map((loud) => (numberOf(loud) ?? 0) / 10.24) : undefined,
    loops: info["fi.mau.gif"] === true,
  };
}

function said(event: MatrixEvent): View {
  const { format, formatted_body: html } = event.getContent<Fields>();
  if (format === "org.matrix.custom.html" && typeof html === "string")
    return h("div", { class: "said rich", dir: "auto" }, htmlBody(html));
  return h("p", { class: "said", dir: "auto" }, linkedText(bodyOf(event)));
}

/** What a message says or holds. */
export function contentOf(account: Account, event: MatrixEvent): ComponentChildren {
  const content = event.getContent<Fields>();
  const mxc = content["url"];
  if (typeof mxc === "string" && (event.getType() === "m.sticker" || String(content["msgtype"]) in kindOf)) {
    const file = h(RemoteFile, { account, mxc, file: fileOf(event) });
    return captionOf(event) === undefined ? file : [file, said(event)];
  }
  if (event.getType() === "m.room.encrypted") return words.chat.encrypted;
  if (event.getType() === "m.room.tombstone") return words.chat.moved;
  return bodyOf(event) === "" ? words.chat.unknown : said(event);
}
