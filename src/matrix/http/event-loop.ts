import { FairScheduler } from "../../core/ports/scheduler.ts";

/** The turns of this process. */
export const eventLoop: FairScheduler = new FairScheduler({
  now: () => performance.now(),
  later: (act) => void setImmediate(act),
});
