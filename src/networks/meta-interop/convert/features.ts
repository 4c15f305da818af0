import type { Capabilities, MediaLimit } from "../../../core/model/capabilities.ts";
import type { MediaKind } from "../../../core/model/media.ts";
import { wholeNumber } from "../wire/attributes.ts";
import { child, children, type Node } from "../wire/node.ts";

const KINDS: ReadonlySet<string> = new Set<MediaKind>(["image", "voice", "audio", "video", "gif", "file"]);

/** The highest limit, of characters or seconds; more means no limit in practice. */
const MAX_LIMIT = 2 ** 31;

/**
 * Reads the capabilities of `<features>`. A flag that it leaves out is not granted; a limit that it leaves out is the
 * default one.
 */
export function readFeatures(features: Node | undefined, defaults: Capabilities): Capabilities {
  if (!features) return defaults;
  const limits = child(features, "limits");
  const number = (name: string): number | undefined => wholeNumber(limits?.attrs[name], MAX_LIMIT);
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
    // A right of our person's, which no flag grants.
    blocks: defaults.blocks,
    text: number("text") || defaults.text,
    caption: number("caption") ?? defaults.caption,
    ...(editWindow === undefined ? {} : { editWindow: editWindow * 1_000 }),
    ...(deleteWindow === undefined ? {} : { deleteWindow: deleteWindow * 1_000 }),
    media: limits ? mediaOf(limits) : defaults.media,
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
