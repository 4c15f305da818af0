import { once } from "node:events";
import { createLogger, format, transports, type Logger as Winston } from "winston";
import type { Log, LogFields } from "../core/ports/log.ts";
import { logFile } from "./log-file.ts";
import { Redactor } from "./redactor.ts";
import type { Config } from "./schema.ts";

export interface Logger extends Log, AsyncDisposable {
  /** The same log, with these fields in every line. */
  child(fields: LogFields): Logger;
  /** Registers a value that must never be written: a token, a key. */
  hide(secret: string): void;
}

/** Writes to standard error, or to the file the configuration names. Disposing waits for the last line. */
export function openLogger(logging: Config["logging"]): Logger {
  const redactor = new Redactor();
  const line = logging.format === "json" ? jsonLine : textLine;
  const written = format.printf((info) => redactor.clean(line(info)));
  const file = logging.file === undefined ? undefined : logFile(logging.file);
  const transport = file
    ? new transports.Stream({ stream: file })
    : new transports.Console({ stderrLevels: ["error", "warn", "info", "debug"] });
  const winston = createLogger({ level: logging.level, format: written, transports: [transport] });
  // A log that cannot be written, as on a full disk, must not end the bridge, and cannot be reported anywhere.
  winston.on("error", () => undefined);
  transport.on("error", () => undefined);
  return wrap(winston, redactor, {}, async () => {
    const finished = once(transport, "finish");
    winston.end();
    await finished;
    if (!file) return;
    const whole = once(file, "finish");
    file.end();
    await whole;
  });
}

function wrap(winston: Winston, redactor: Redactor, own: LogFields, close: () => Promise<void>): Logger {
  const write = (level: string) => (message: string, fields?: LogFields) => {
    // The chain of causes is for developers: it is written with errors, and at level debug.
    const unsaid = level === "error" || winston.level === "debug" ? {} : { fault: undefined };
    const all = { ...own, ...fields, ...unsaid };
    winston.log({ level, message, fields: all, at: new Date().toISOString() });
  };
  return {
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    child: (fields) => wrap(winston, redactor, { ...own, ...fields }, close),
    hide: (secret) => redactor.add(secret),
    [Symbol.asyncDispose]: close,
  };
}

type Info = Parameters<Parameters<typeof format.printf>[0]>[0];

function jsonLine({ level, message, at, fields }: Info): string {
  return JSON.stringify({ at, level, message, ...(fields as LogFields) });
}

function textLine({ level, message, at, fields }: Info): string {
  const pairs = Object.entries(fields as LogFields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${typeof value === "string" ? quoted(value) : String(value)}`);
  return `${String(at)} ${level.toUpperCase().padEnd(5)} ${oneLine(String(message))}${pairs.join("")}`;
}

const quoted = (value: string): string => (/^[^\s"=]+$/.test(value) ? value : JSON.stringify(value));
const oneLine = (text: string): string => (/[\p{Cc}\u2028\u2029]/u.test(text) ? JSON.stringify(text) : text);
