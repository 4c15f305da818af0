import winston from "winston";

/** What every module of the sandbox logs with: fields hold ids only, never text, names or phone numbers. */
export interface Logger {
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** JSON lines to a file, or to stderr, so that stdout stays for the ready line. */
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

/** Of an unknown failure only its class and code: a library's error text may quote what it was given. */
export function failureName(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause;
  const code = "code" in cause && typeof cause.code === "string" ? `:${cause.code}` : "";
  return `${cause.name}${code}`;
}
