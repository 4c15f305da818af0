import { constants } from "node:os";

const end = (signal: NodeJS.Signals): void => process.exit(128 + constants.signals[signal]);

/** Lets SIGINT and SIGTERM end process 1 of a container, to which the kernel gives none that nobody handles. */
export function heedSignals(): void {
  if (process.pid === 1) process.on("SIGINT", end).on("SIGTERM", end);
}

/** To be called by whoever handles them from now on. */
export function leaveSignals(): void {
  process.off("SIGINT", end).off("SIGTERM", end);
}
