import { PinnedEnvironment } from "../python/pinned-environment.ts";

/** A Matrix client of another make, with encryption. */
export const nio = new PinnedEnvironment({
  requirement: "matrix-nio[e2e]",
  constraints: new URL("constraints.txt", import.meta.url),
  takes: "about 15 seconds, 60 MB",
});
