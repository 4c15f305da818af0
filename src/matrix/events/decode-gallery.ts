import type { Part } from "../../core/model/content.ts";
import type { RichText } from "../../core/model/rich-text.ts";
import { decodeRichBody } from "../../translate/message-text.ts";
import { fieldOf, listOf } from "../http/json.ts";
import { decodeFile, decodeMedia } from "./decode-media.ts";

type Content = Readonly<Record<string, unknown>>;
type MediaPart = Extract<Part, { kind: "media" }>;

export interface DecodedGallery {
  readonly parts: readonly Part[];
  /** A sentence for the sender on what of the gallery is not sent; empty where all is. */
  readonly note: string;
}

/** The msgtypes of galleries: MSC4274's stable and unstable names. */
export const GALLERIES: ReadonlySet<unknown> = new Set(["m.gallery", "dm.filament.gallery"]);

/** The most files of one gallery that are sent. */
const MOST = 100;

/**
 * The files of a gallery (MSC4274), in order, the first with its caption; undefined where there is neither a file nor
 * a text in it.
 */
export function decodeGallery(content: Content): DecodedGallery | undefined {
  const items = listOf(content["itemtypes"] ?? content["items"]);
  const files = items.slice(0, MOST).map(fileOf);
  const missing = files.flatMap((file, index) => (file ? [] : [index + 1]));
  const notes = [
    missing.length === 0 ? "" : leftOut(missing, items.length),
    items.length > MOST
      ? `The gallery has ${items.length} items; the first ${MOST} were sent. Send the others in another one.`
      : "",
  ];
  const body = typeof content["body"] === "string" ? content["body"] : "";
  const caption = decodeRichBody(content, body);
  const words = caption.text.trim() === "" ? undefined : caption;
  const [first, ...rest] = files.filter((file) => file !== undefined);
  if (!first) {
    if (!words) return undefined;
    const note = "There was no file in the gallery that can be sent, so only its text was sent.";
    return { parts: [{ kind: "text", style: "text", body: words }], note };
  }
  const note = notes.filter((each) => each !== "").join(" ");
  return { parts: [captioned(first, words), ...rest], note };
}

/** An item as media; one of an unknown kind is a plain file, and a gallery within the gallery is undefined. */
function fileOf(item: unknown): MediaPart | undefined {
  const type = fieldOf(item, "itemtype") ?? fieldOf(item, "msgtype");
  if (typeof item !== "object" || item === null || GALLERIES.has(type)) return undefined;
  const content = { ...item, msgtype: type };
  const decoded = decodeMedia(content) ?? decodeFile(content, "file");
  return decoded.kind === "part" && decoded.part.kind === "media" ? decoded.part : undefined;
}

function captioned(part: MediaPart, words: RichText | undefined): MediaPart {
  if (!words) return part;
  return { ...part, caption: part.caption ? joined(words, part.caption) : words };
}

function joined(above: RichText, below: RichText): RichText {
  const shift = above.text.length + 1;
  const spans = below.spans.map((span) => ({ ...span, start: span.start + shift, end: span.end + shift }));
  return { text: `${above.text}\n${below.text}`, spans: [...above.spans, ...spans] };
}

function leftOut(numbers: readonly number[], of: number): string {
  const listed = numbers.slice(0, 10).join(", ") + (numbers.length > 10 ? ", …" : "");
  return numbers.length === 1
    ? `Item ${listed} of the ${of} in the gallery is no file that can be sent, and was left out.`
    : `Items ${listed} of the ${of} in the gallery are no files that can be sent, and were left out.`;
}
