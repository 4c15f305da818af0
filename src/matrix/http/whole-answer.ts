import type { Dispatcher } from "undici";

/** An HTTP answer, read whole. */
export interface WholeAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** Milliseconds from an answer's beginning after which it must come at least at `LEAST_RATE` bytes a second. */
const GRACE = 20_000;
const LEAST_RATE = 16 * 1024;

/**
 * Sends one request and gathers its answer without the streams of undici's `request`, which cost more than the
 * exchange itself. Aborts an answer that comes too slowly. Rejects with undici's error, or with an AbortError.
 */
export function wholeAnswer(
  pool: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal | undefined,
  grace = GRACE,
): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw givenUp();
    let controller: Dispatcher.DispatchController | undefined;
    let status = 0;
    let retryAfter: string | undefined;
    let began = 0;
    let size = 0;
    const chunks: Buffer[] = [];
    const abort = (): void => {
      if (controller !== undefined) controller.abort(givenUp());
      else reject(givenUp());
    };
    const ended = (): void => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort, { once: true });
    pool.dispatch(options, {
      onRequestStart: (started) => {
        controller = started;
        if (signal?.aborted) started.abort(givenUp());
      },
      onResponseStart: (_, statusCode, headers) => {
        status = statusCode;
        began = performance.now();
        const value = headers["retry-after"];
        retryAfter = typeof value === "string" ? value : undefined;
      },
      onResponseData: (receiving, chunk) => {
        chunks.push(chunk);
        size += chunk.length;
        const overtime = performance.now() - began - grace;
        if (overtime > 0 && size * 1_000 < LEAST_RATE * overtime)
          receiving.abort(new Error("The answer drips."));
      },
      onResponseEnd: () => {
        ended();
        resolve({ status, retryAfter, text: textOf(chunks) });
      },
      onResponseError: (_, error) => {
        ended();
        reject(error);
      },
    });
  });
}

const givenUp = (): Error => new DOMException("The request was given up.", "AbortError");

function textOf(chunks: readonly Buffer[]): string {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined
    ? only.toString("utf8")
    : Buffer.concat(chunks).toString("utf8");
}
