import type { Capabilities, MediaLimit } from "../../../core/model/capabilities.ts";
import type { MediaKind } from "../../../core/model/media.ts";
import { wholeNumber } from "../wire/attributes.ts";
import { child, children, type Node } from "../wire/node.ts";

const KINDS: ReadonlySet<string> = new Set<MediaKind>(["image", "voice", "audio", "video", "gif", "file"]);

/** Of characters, and of seconds; so many are none to speak of. */
const MOST = 2 ** 31;

/** What `<features>` grants; a flag it leaves out is not granted, a limit it leaves out is the network's usual one. */
export function readFeatures(features: Node | undefined, usual: Capabilities): Capabilities {
  if (!features) return usual;
  const limits = child(features, "limits");
  const number = (name: string): number | undefined => wholeNumber(limits?.attrs[name], MOST);
  const granted = (flag: string): boolean => features.attrs[flag] === "true";
  const editWindow = number("edit_window");
  const deleteWindow = number("delete_window");
  return {
    reactions: granted("reactions"),
    replies: granted("replies"),
    typing: granted("typing"),
    receipts: granted("receipts"),
    edits: granted("edits"),
    deletes: granted("deletes"),
    location: granted("location"),
    contacts: granted("contacts"),
    text: number("text") || usual.text,
    caption: number("caption") ?? usual.caption,
    ...(editWindow === undefined ? {} : { editWindow: editWindow * 1_000 }),
    ...(deleteWindow === undefined ? {} : { deleteWindow: deleteWindow * 1_000 }),
    media: limits ? mediaOf(limits) : usual.media,
  };
}

function mediaOf(limits: Node): Capabilities["media"] {
  const media: Partial<Record<MediaKind, MediaLimit>> = {};
  for (const { attrs } of children(limits, "media")) {
    const bytes = wholeNumber(attrs["size"], Number.MAX_SAFE_INTEGER);
    const { kind } = attrs;
    if (!isKind(kind) || bytes === undefined) continue;
    const mimetypes = (attrs["mimetypes"] ?? "").split(" ").filter(Boolean);
    media[kind] = { bytes, mimetypes: mimetypes.includes("*/*") ? [] : mimetypes };
  }
  return media;
}

function isKind(kind: string | undefined): kind is MediaKind {
  return kind !== undefined && KINDS.has(kind);
}
