import type { Capabilities } from "../../../core/model/capabilities.ts";

const MiB = 1024 * 1024;

/** The capabilities that count until the gatekeeper has sent its own. */
export function defaultCapabilities(lengths: Pick<Capabilities, "text" | "caption">): Capabilities {
  return {
    reactions: true,
    replies: true,
    typing: true,
    receipts: true,
    edits: true,
    deletes: true,
    location: true,
    contacts: true,
    blocks: true,
    ...lengths,
    media: {
      image: { bytes: 16 * MiB, mimetypes: ["image/jpeg", "image/png"] },
      voice: { bytes: 16 * MiB, mimetypes: ["audio/ogg"] },
      video: { bytes: 16 * MiB, mimetypes: ["video/mp4"] },
      gif: { bytes: 16 * MiB, mimetypes: ["video/mp4"] },
      file: { bytes: 100 * MiB, mimetypes: [] },
    },
  };
}
