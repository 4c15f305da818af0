import type { Capabilities } from "../../src/core/model/capabilities.ts";

const files = { bytes: 1_000_000, mimetypes: [] };
/** Everything granted, with small limits. */
export const ALL: Capabilities = {
  reactions: true,
  replies: true,
  typing: true,
  receipts: true,
  edits: true,
  deletes: true,
  location: true,
  contacts: true,
  blocks: true,
  text: 100,
  caption: 50,
  editWindow: 900_000,
  deleteWindow: 3_600_000,
  media: { image: files, voice: files, video: files, gif: files, file: files },
};
