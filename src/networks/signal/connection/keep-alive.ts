import type { Clock } from "../../../core/ports/clock.ts";
import { type Requesting, requestJson, ServiceRefusal } from "../service/json-requests.ts";

interface Watched {
  readonly connection: Requesting;
  /** Ends the connection, with why. */
  readonly close: (cause: unknown) => void;
  /** Resolves when it has ended. */
  readonly closed: Promise<unknown>;
}

/** Milliseconds between two questions whether the server is there, and for an answer: together less than half a minute. */
const EVERY = 18_000;
const ANSWER_TIMEOUT = 10_000;

/** Asks the server regularly whether it is there, as libsignal notices its silence late; where it is not, the connection ends. */
export function keepAlive({ connection, close, closed }: Watched, clock: Pick<Clock, "after">): void {
  let isClosed = false;
  let cancel = (): void => {};
  const ask = async (): Promise<void> => {
    try {
      await requestJson(connection, { verb: "GET", path: "/v1/keepalive", timeout: ANSWER_TIMEOUT });
    } catch (error) {
      // A refusal is an answer too.
      if (!(error instanceof ServiceRefusal)) return close(error);
    }
    if (!isClosed) wait();
  };
  const wait = (): void => {
    cancel = clock.after(EVERY, () => void ask());
  };
  wait();
  void closed.finally(() => {
    isClosed = true;
    cancel();
  });
}
