import type { Capabilities, MediaLimit } from "../../../core/model/capabilities.ts";

/** The most bytes of a file that Signal's apps send and take. */
export const LONGEST_FILE = 100 * 1024 * 1024;

const limit = (...mimetypes: readonly string[]): MediaLimit => ({ bytes: LONGEST_FILE, mimetypes });

/** What Signal's apps show: they go by a file's type alone. Pictures and videos of other types are converted. */
export const mediaLimits: Capabilities["media"] = {
  image: limit("image/jpeg", "image/png", "image/gif", "image/webp"),
  video: limit("video/mp4"),
  gif: limit("video/mp4"),
  voice: limit(),
  audio: limit(),
  file: limit(),
};
