/** Thrown by a route to answer with this status and the body `{error: {code, words}}`. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfter: number | undefined;

  /** @param retryAfter seconds, for the `Retry-After` header. */
  constructor(status: number, code: string, words: string, retryAfter?: number) {
    super(words);
    this.name = "HttpError";
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}
