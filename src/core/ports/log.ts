/** Fields are ids, counts and reasons; never text of messages, names, numbers, keys or tokens. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** `error` is for faults of ours; a broken connection is a warning. */
export interface Log {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
}

const unsaid = (): void => undefined;

/** For whoever says what there is to say otherwise. */
export const noLog: Log = { error: unsaid, warn: unsaid, info: unsaid, debug: unsaid };

/**
 * What may be said of a thrown value in a log, never its text: `reason`, one word for whoever runs the bridge, and
 * `fault`, the names and codes of it and its causes, for whoever mends it.
 */
export function faultOf(error: unknown): { readonly reason: string; readonly fault: string } {
  const names: string[] = [];
  let reason: string | undefined;
  for (let at: unknown = error; at instanceof Error && names.length < 4; at = at.cause) {
    const code = "code" in at && typeof at.code === "string" ? at.code : undefined;
    const why = "reason" in at && typeof at.reason === "string" ? at.reason : undefined;
    reason ??= why ?? code;
    names.push(`${at.name}${why === undefined ? "" : `:${why}`}${code === undefined ? "" : `(${code})`}`);
  }
  const fault = names.length === 0 ? typeof error : names.join(" < ");
  return { reason: reason ?? "internal", fault };
}
