import { FairScheduler } from "../../core/ports/scheduler.ts";

/** The scheduler by which long conversions give way to other work of this process. */
export const eventLoop: FairScheduler = new FairScheduler({
  now: () => performance.now(),
  later: (act) => void setImmediate(act),
});
