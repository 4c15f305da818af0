import type { Scheduler } from "../../src/core/ports/scheduler.ts";

/** Nobody ever waits, however slow the machine is. */
export const atOnce: Scheduler = { yield: () => undefined };
