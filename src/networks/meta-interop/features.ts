import { child, children, type Node } from "./wire/node.ts";

type Flag =
  | "reactions"
  | "replies"
  | "typing"
  | "receipts"
  | "edits"
  | "deletes"
  | "groups"
  | "location"
  | "contacts";

/** What the gatekeeper grants now. It may change while connected. */
export interface Features {
  readonly flags: ReadonlySet<Flag>;
  /** Characters; undefined where the gatekeeper did not say. */
  readonly text: number | undefined;
  readonly caption: number | undefined;
  /** Milliseconds. */
  readonly editWindow: number | undefined;
  readonly deleteWindow: number | undefined;
  readonly media: ReadonlyMap<string, { readonly bytes: number; readonly mimetypes: readonly string[] }>;
}

const FLAGS: readonly Flag[] = [
  "reactions",
  "replies",
  "typing",
  "receipts",
  "edits",
  "deletes",
  "groups",
  "location",
  "contacts",
];

/** Reads `<features>`; what it leaves out is not granted. */
export function readFeatures(features: Node | undefined): Features {
  const limits = features && child(features, "limits");
  const number = (name: string, scale = 1): number | undefined => {
    const value = Number(limits?.attrs[name] ?? Number.NaN);
    return Number.isSafeInteger(value) && value >= 0 ? value * scale : undefined;
  };
  const media = (limits ? children(limits, "media") : []).flatMap(({ attrs }) => {
    const size = Number(attrs["size"]);
    const kind = attrs["kind"];
    if (kind === undefined || !Number.isSafeInteger(size) || size < 0) return [];
    return [
      [kind, { bytes: size, mimetypes: (attrs["mimetypes"] ?? "").split(" ").filter(Boolean) }] as const,
    ];
  });
  return {
    flags: new Set(FLAGS.filter((flag) => features?.attrs[flag] === "true")),
    text: number("text"),
    caption: number("caption"),
    editWindow: number("edit_window", 1_000),
    deleteWindow: number("delete_window", 1_000),
    media: new Map(media),
  };
}
