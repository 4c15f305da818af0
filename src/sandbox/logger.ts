import winston from "winston";

/** The sandbox's log. Fields hold ids only, never message text, names or phone numbers. */
export interface Logger {
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Writes JSON lines to a file, or to stderr: stdout is for the ready line. */
export function createLogger(options: {
  readonly level: string;
  readonly file?: string | undefined;
}): Logger {
  const transport =
    options.file === undefined
      ? new winston.transports.Console({ stderrLevels: ["error", "warn", "info", "debug"] })
      : new winston.transports.File({ filename: options.file });
  return winston.createLogger({
    level: options.level,
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [transport],
  });
}

/** The class and code of an error, for the log; a library's message may quote the data it was given. */
export function failureName(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause;
  const code = "code" in cause && typeof cause.code === "string" ? `:${cause.code}` : "";
  return `${cause.name}${code}`;
}
