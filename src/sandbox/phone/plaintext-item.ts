import type { Plaintext } from "../../networks/meta-interop/wire/plaintext-kinds.ts";
import type { MediaKind } from "../state/media-crypto.ts";
import type { PhoneFile } from "../state/media-tables.ts";
import type { InboxItem } from "../state/phone-inboxes.ts";

type Shown = { readonly kind: InboxItem["kind"] } & Readonly<Record<string, unknown>>;
type Fields<K extends Plaintext["kind"]> = Extract<Plaintext, { kind: K }>;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const file = ({ media }: Fields<"image" | "video" | "audio" | "document" | "sticker">, name?: string) => ({
  media: {
    sha256: hex(media.fileSha256),
    size: media.fileLength,
    mimetype: media.mimetype,
    ...(name === undefined ? {} : { name }),
  },
});
const present = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** The fields of an inbox item for each kind of message, without sender and time. */
const shown: { [K in Plaintext["kind"]]: (plaintext: Fields<K>) => Shown } = {
  text: ({ text, quoted, mentions }) => ({
    kind: "text",
    text,
    ...present({ target: quoted?.id, mentions }),
  }),
  image: (p) => ({
    kind: "image",
    ...file(p),
    ...present({ caption: p.caption, width: p.width, height: p.height, target: p.quoted?.id }),
  }),
  video: (p) => ({
    kind: p.gif ? "gif" : "video",
    ...file(p),
    ...present({
      caption: p.caption,
      seconds: p.seconds,
      width: p.width,
      height: p.height,
      target: p.quoted?.id,
    }),
  }),
  audio: (p) => ({
    kind: p.voice ? "voice" : "file",
    ...file(p),
    ...present({ seconds: p.seconds, waveform: p.waveform && [...p.waveform], target: p.quoted?.id }),
  }),
  document: (p) => ({
    kind: "file",
    ...file(p, p.fileName),
    ...present({ caption: p.caption, target: p.quoted?.id }),
  }),
  sticker: () => ({ kind: "unknown", what: "sticker" }),
  location: ({ latitude, longitude, name, address, quoted }) => ({
    kind: "location",
    latitude,
    longitude,
    ...present({ name, address, target: quoted?.id }),
  }),
  contact: ({ contacts, quoted }) => ({ kind: "contact", contacts, ...present({ target: quoted?.id }) }),
  poll: () => ({ kind: "unknown", what: "poll" }),
  reaction: ({ target, emoji }) => ({ kind: "reaction", target: target.id, emoji }),
  edit: ({ target, text }) => ({ kind: "edit", target: target.id, text }),
  revoke: ({ target }) => ({ kind: "delete", target: target.id }),
  viewOnce: () => ({ kind: "unknown", what: "viewOnce" }),
  disappearing: () => ({ kind: "unknown", what: "disappearing" }),
  status: () => ({ kind: "unknown", what: "status" }),
  senderKey: () => ({ kind: "unknown", what: "senderKey" }),
  unknown: () => ({ kind: "unknown" }),
};

export function itemOf(plaintext: Plaintext): Shown {
  const show = shown[plaintext.kind] as (plaintext: Plaintext) => Shown;
  return show(plaintext);
}

const fileKinds = {
  image: "image",
  sticker: "image",
  video: "video",
  audio: "audio",
  document: "document",
} as const satisfies Partial<Record<Plaintext["kind"], MediaKind>>;

/** The file a message names, as it is stored before the phone has fetched it. */
export function fileOf(plaintext: Plaintext): Omit<PhoneFile, "plain" | "integrator"> | undefined {
  if (!("media" in plaintext)) return undefined;
  const { url, mimetype, fileLength, fileSha256, fileEncSha256, mediaKey } = plaintext.media;
  const kind = fileKinds[plaintext.kind];
  return { kind, url: url ?? null, mimetype, fileLength, fileSha256, fileEncSha256, mediaKey };
}
