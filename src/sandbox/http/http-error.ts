/** An answer other than success: `{error: {code, words}}` with the status. */
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
