/** What was wrong with the bytes: a breach of their format, a size beyond any of Signal's, or a proof that fails. */
export type WireReason = "malformed" | "too-long" | "unproved";

/** The only error that leaves wire/: whatever the bytes were, nothing else is thrown. The message never quotes content. */
export class WireError extends Error {
  readonly reason: WireReason;

  constructor(reason: WireReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "WireError";
    this.reason = reason;
  }
}

export const malformed = (what: string, options?: ErrorOptions): WireError =>
  new WireError("malformed", what, options);
