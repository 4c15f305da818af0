import { PinnedEnvironment } from "../python/pinned-environment.ts";

/** Tries an API's documented requests with all kinds of input. */
export const schemathesis = new PinnedEnvironment({
  requirement: "schemathesis",
  constraints: new URL("constraints.txt", import.meta.url),
  takes: "about 20 seconds, 100 MB",
});
