import { h, type View } from "../../../../../src/page/web/dom.ts";
import { timeOf } from "../../../../../src/sandbox/page/web/phone-time.ts";
import type { Upload, Uploads } from "../link/uploads.ts";
import { words } from "../words.ts";
import { LocalFile } from "./content.ts";
import { Tick } from "./tick.ts";

interface UploadLineProps {
  readonly upload: Upload;
  readonly uploads: Uploads;
}

/** A file that is on its way, as its message will look. */
export function UploadLine({ upload, uploads }: UploadLineProps): View {
  const { kind, name, caption, file, sound, src, failed, at } = upload;
  const shown = {
    kind: kind === "gif" ? ("video" as const) : kind,
    name,
    caption,
    mimetype: file.type,
    size: file.size,
    seconds: sound?.seconds,
    waveform: sound?.waveform,
    loops: kind === "gif",
  };
  const act = (label: string, onClick: () => void): View =>
    h("button", { type: "button", class: "link", onClick }, label);
  return h(
    "div",
    { class: "line own arrives" },
    h(
      "div",
      { class: "bubble" },
      h(LocalFile, { file: shown, src }),
      caption !== undefined && caption !== "" && h("p", { class: "said" }, caption),
      h("span", { class: "meta" }, timeOf(at), !failed && [" ", h(Tick, { state: "sending" })]),
      failed &&
        h(
          "p",
          { class: "failed small", role: "alert" },
          `${words.chat.failed} `,
          act(words.chat.again, () => void uploads.again(upload)),
          " ",
          act(words.chat.discard, () => uploads.discard(upload)),
        ),
    ),
  );
}
