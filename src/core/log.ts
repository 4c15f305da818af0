/** Fields are ids, counts and reasons; never text of messages, names, numbers, keys or tokens. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** `error` is for faults of ours; a broken connection is a warning. */
export interface Log {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
}

/** What may be said of a thrown value in a log: the names of its errors and codes, never their text. */
export function faultOf(error: unknown): LogFields {
  const names: string[] = [];
  for (let at: unknown = error; at instanceof Error && names.length < 4; at = at.cause) {
    const code = "code" in at && typeof at.code === "string" ? `(${at.code})` : "";
    const reason = "reason" in at && typeof at.reason === "string" ? `:${at.reason}` : "";
    names.push(`${at.name}${reason}${code}`);
  }
  return { fault: names.length === 0 ? typeof error : names.join(" < ") };
}
