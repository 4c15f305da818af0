import type { Scheduler } from "../../src/core/ports/scheduler.ts";

/** A scheduler that never yields, however slow the machine is. */
export const atOnce: Scheduler = { yield: () => undefined };
