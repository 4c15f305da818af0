import type { Dispatcher } from "undici";

/** An HTTP answer, read whole. */
export interface WholeAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/**
 * Sends one request and gathers its answer without the streams of undici's `request`, which cost more than the
 * exchange itself. Rejects with undici's error, or with an AbortError.
 */
export function wholeAnswer(
  pool: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal | undefined,
): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw givenUp();
    let controller: Dispatcher.DispatchController | undefined;
    let status = 0;
    let retryAfter: string | undefined;
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
        const value = headers["retry-after"];
        retryAfter = typeof value === "string" ? value : undefined;
      },
      onResponseData: (_, chunk) => {
        chunks.push(chunk);
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
