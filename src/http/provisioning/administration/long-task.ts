import type { Clock } from "../../../core/ports/clock.ts";
import { LONGEST_WAIT } from "../route.ts";

interface Run<T> {
  readonly outcome: Promise<T>;
  isOver: boolean;
}

/** What came of a task that somebody asked after. */
type Asked<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "running" }
  | { readonly kind: "never-begun" };

/** Something that may take longer than a request may, so that what comes of it is asked for until it is there. */
export class LongTask<T> {
  readonly #act: () => Promise<T>;
  readonly #clock: Pick<Clock, "after">;
  #last: Run<T> | undefined;

  constructor(act: () => Promise<T>, clock: Pick<Clock, "after">) {
    this.#act = act;
    this.#clock = clock;
  }

  /** Begins it anew, but for one that runs. */
  begin(): void {
    if (this.#last?.isOver === false) return;
    const run = { outcome: this.#act(), isOver: false };
    const over = (): void => {
      run.isOver = true;
    };
    run.outcome.then(over, over);
    this.#last = run;
  }

  /** What came of it last, waited for no longer than a request may. Throws what it throws. */
  async outcome(signal: AbortSignal): Promise<Asked<T>> {
    const last = this.#last;
    if (last === undefined) return { kind: "never-begun" };
    const { promise, resolve } = Promise.withResolvers<Asked<T>>();
    const end = (): void => resolve({ kind: "running" });
    const cancel = this.#clock.after(LONGEST_WAIT, end);
    signal.addEventListener("abort", end, { once: true });
    try {
      return await Promise.race([last.outcome.then((value) => ({ kind: "done", value }) as const), promise]);
    } finally {
      signal.removeEventListener("abort", end);
      cancel();
    }
  }
}
