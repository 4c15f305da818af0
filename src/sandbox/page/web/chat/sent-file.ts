import type { PhoneItem } from "../../model/phone.ts";
import type { PlayedPhone } from "../link/played-phone.ts";
import type { FileKind } from "./attach-sheet.ts";
import type { Sound } from "./waveform.ts";

/** A file's bytes as the control API takes them. */
export function base64(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      const { result } = reader;
      resolve(typeof result === "string" ? (result.split(",")[1] ?? "") : "");
    });
    reader.addEventListener("error", () => reject(reader.error ?? new Error("unreadable")));
    reader.readAsDataURL(file);
  });
}

interface SentFile {
  readonly file: Blob;
  readonly kind: FileKind;
  readonly name?: string;
  readonly caption?: string;
  readonly sound?: Sound;
  readonly target?: string;
}

/** Sends a file as a message of this kind; the bubble shows it at once. */
export async function sendFile(phone: PlayedPhone, to: string, sent: SentFile): Promise<void> {
  const { file, kind, name, caption = "", sound, target } = sent;
  const mimetype = file.type === "" ? "application/octet-stream" : file.type;
  const shared = {
    ...sound,
    ...(caption === "" ? {} : { caption }),
    ...(target === undefined ? {} : { target }),
  };
  const named = name === undefined ? {} : { name };
  const media = { sha256: "", size: file.size, mimetype, ...named };
  const shown: Partial<PhoneItem> = { kind, media, ...shared };
  const fields = { as: kind, mimetype, ...named, ...shared, media: await base64(file) };
  phone.send("sends", to, fields, shown, URL.createObjectURL(file));
}
