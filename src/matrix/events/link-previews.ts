import type { LinkPreview, Part } from "../../core/model/content.ts";
import { shortened } from "../../core/model/cut-text.ts";
import type { Found, HomeserverFile, Media } from "../../core/model/media.ts";
import type { AttachedFile, EncodedEvent } from "../../core/ports/homeserver.ts";
import { fieldOf } from "../http/json.ts";
import { parseMxc } from "../http/mxc.ts";
import { fits } from "./encode-text.ts";
import { encryptedFile, encryptedFileIn } from "./encrypted-file.ts";

/** MSC4095, by the name that clients have for it so far. */
export const PREVIEWS = "com.beeper.linkpreviews";

/** As Beeper and mautrix have it: the `EncryptedFile` in the place of `og:image`. */
const ENCRYPTED = "beeper:image:encryption";

const MOST = 5;
const LONGEST_URL = 2_000;
const LONGEST_TYPE = 100;
const LONGEST_TITLE = 300;
const LONGEST_DESCRIPTION = 1_000;

type TextPart = Extract<Part, { kind: "text" }>;

/** The events of a text, the first with what its sender showed of the links in it; none where that takes more than `most` bytes. */
export function withPreviews(
  events: readonly EncodedEvent[],
  { previews, body }: TextPart,
  most?: number,
): readonly EncodedEvent[] {
  const [first, ...rest] = events;
  if (previews === undefined || first === undefined) return events;
  const shown = previews
    // What the text does not link to would be passed off as its words.
    .filter(({ url }) => isLink(url) && body.text.includes(url))
    .slice(0, MOST)
    .map(({ url, title, description }) => ({
      matched_url: url,
      "og:url": url,
      ...(title === undefined ? {} : { "og:title": shortened(title, LONGEST_TITLE) }),
      ...(description === undefined ? {} : { "og:description": shortened(description, LONGEST_DESCRIPTION) }),
    }));
  const content = { ...first.content, [PREVIEWS]: shown };
  if (!fits(content, most)) return events;
  const picture = shown[0] && previews.find(({ url }) => url === shown[0]?.["og:url"])?.image;
  return [{ ...first, content, ...(picture && { picture }) }, ...rest];
}

/** Adds the picture of the first link to a text's content; undefined for content of anything else. */
export function withPicture(
  content: EncodedEvent["content"],
  { uri, key, size }: AttachedFile,
  { mimetype, width, height, blurhash }: Found,
): EncodedEvent["content"] | undefined {
  const listed = content[PREVIEWS];
  if (!Array.isArray(listed)) return undefined;
  if (!isPicture(mimetype)) return content;
  const [first, ...rest] = listed as readonly object[];
  const pictured = {
    ...first,
    ...(key === undefined ? { "og:image": uri } : { [ENCRYPTED]: encryptedFile(uri, key) }),
    "og:image:type": mimetype,
    ...(width === undefined ? {} : { "og:image:width": width }),
    ...(height === undefined ? {} : { "og:image:height": height }),
    ...(blurhash === undefined ? {} : { "beeper:image:blurhash": blurhash }),
    "matrix:image:size": size,
  };
  return { ...content, [PREVIEWS]: [pictured, ...rest] };
}

const isPicture = (mimetype: string): boolean => /^image\/(?!svg)/.test(mimetype);

/** The previews in a message's content; absent where it says nothing of them. */
export function previewsIn(content: unknown, text: string): Pick<TextPart, "previews"> {
  const listed = fieldOf(content, PREVIEWS);
  if (!Array.isArray(listed)) return {};
  const previews = listed.slice(0, MOST).flatMap((one: unknown): readonly LinkPreview[] => {
    const url = [fieldOf(one, "matched_url"), fieldOf(one, "og:url")].find(
      (it) => isLink(it) && text.includes(it),
    );
    if (!isLink(url)) return [];
    const title = wordsIn(one, "og:title", LONGEST_TITLE);
    const description = wordsIn(one, "og:description", LONGEST_DESCRIPTION);
    const image = imageIn(one);
    return [
      {
        url,
        ...(title === undefined ? {} : { title }),
        ...(description === undefined ? {} : { description }),
        ...(image === undefined ? {} : { image }),
      },
    ];
  });
  return { previews };
}

function imageIn(it: unknown): Media | undefined {
  const encrypted = fieldOf(it, ENCRYPTED);
  const uri = fieldOf(it, "og:image");
  const file = encrypted === undefined ? clearFile(uri) : encryptedFileIn(encrypted, uri);
  const mimetype = fieldOf(it, "og:image:type") ?? "image/jpeg";
  if (file === undefined || typeof file === "string") return undefined;
  if (typeof mimetype !== "string" || !isPicture(mimetype) || mimetype.length > LONGEST_TYPE)
    return undefined;
  return { kind: "image", source: { at: "homeserver", ...file }, mimetype };
}

const clearFile = (uri: unknown): HomeserverFile | undefined =>
  parseMxc(uri) === undefined ? undefined : { uri: uri as string };

function wordsIn(it: unknown, name: string, longest: number): string | undefined {
  const words = fieldOf(it, name);
  return typeof words === "string" && words !== "" ? shortened(words, longest) : undefined;
}

const isLink = (url: unknown): url is string =>
  typeof url === "string" && url.length <= LONGEST_URL && /^https?:\/\/\S+$/i.test(url);
