import type { Logger } from "matrix-js-sdk/lib/logger.js";

const nothing = (): void => undefined;

/** The SDK tells each request; what goes wrong the page shows by itself. */
export const quiet: Logger = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  getChild: () => quiet,
};
