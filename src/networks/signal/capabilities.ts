import type { Capabilities } from "../../core/model/capabilities.ts";
import { mediaLimits } from "./media/limits.ts";

const DAY_SECONDS = 86_400;
const DAY = 1_000 * DAY_SECONDS;

/** What Signal takes; its limits are those of its own apps. */
export const capabilities: Capabilities = {
  reactions: true,
  replies: true,
  typing: true,
  receipts: true,
  edits: true,
  deletes: true,
  // Signal has no message for a place; it goes as text.
  location: false,
  contacts: true,
  blocks: true,
  // Longer texts go as a file that is shown as text.
  text: 65_536,
  caption: 65_536,
  editWindow: DAY,
  deleteWindow: DAY,
  // Signal's apps take ten edits of a message, the first sending not counted.
  editCount: 10,
  expires: true,
  // What Signal's apps offer.
  longestTimer: 28 * DAY_SECONDS,
  // What Signal's apps put into one message.
  files: 32,
  media: mediaLimits,
};
