/** What was wrong with the bytes. `too-long` means a limit of the profile, the others a breach of a format or of a proof. */
export type WireReason = "malformed" | "too-long" | "noise" | "certificate" | "protobuf";

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
