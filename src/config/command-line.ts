import { parseArgs } from "node:util";
import { nearest } from "./nearest.ts";
import { type Command, commands } from "./usage.ts";

export type Invocation =
  | { readonly kind: "start"; readonly config: string; readonly registration: string }
  | {
      readonly kind: "register";
      readonly config: string;
      readonly registration: string;
      readonly force: boolean;
    }
  | {
      readonly kind: "check-config";
      readonly config: string;
      /** Undefined where it is not given: then only the configuration is checked. */
      readonly registration: string | undefined;
    }
  | { readonly kind: "version" }
  | { readonly kind: "help"; readonly of: Command }
  | { readonly kind: "mistyped"; readonly words: string };

const options = {
  config: { type: "string", short: "c", default: "config.yaml" },
  registration: { type: "string", short: "r" },
  force: { type: "boolean", short: "f", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** The options of each command besides `--help`. */
const takes: Readonly<Record<Command, readonly string[]>> = {
  start: ["config", "registration"],
  register: ["config", "registration", "force"],
  "check-config": ["config", "registration"],
  version: [],
  help: [],
};

/** Reads the arguments after the program's name. Of a repeated option the last one counts. */
export function readCommandLine(words: readonly string[]): Invocation {
  const parsed = attempt(words);
  if (typeof parsed === "string") return mistyped(parsed);
  const { values, positionals, tokens } = parsed;
  const [name, ...rest] = positionals;
  if (name === undefined) return values.help ? { kind: "help", of: "help" } : mistyped("Say what to do.");
  const command = commandNamed(name);
  if (command === undefined) return unknown(name);
  if (command === "help") return helpFor(rest);
  if (values.help) return { kind: "help", of: command };
  const [surplus] = rest;
  if (surplus !== undefined) return mistyped(`"${surplus}" is one word too many after ${command}.`);
  const stray = tokens.find((token) => token.kind === "option" && !takes[command].includes(token.name));
  if (stray?.kind === "option") return mistyped(`${command} takes no ${stray.rawName}.`);
  const { config, registration: named, force } = values;
  const registration = named ?? "registration.yaml";
  const meant: Readonly<Record<Exclude<Command, "help">, Invocation>> = {
    start: { kind: "start", config, registration },
    register: { kind: "register", config, registration, force },
    "check-config": { kind: "check-config", config, registration: named },
    version: { kind: "version" },
  };
  return meant[command];
}

const commandNamed = (name: string): Command | undefined => commands.find((one) => one === name);

function attempt(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true, tokens: true });
  } catch (error) {
    const [first = ""] = String(Object(error).message).split(/\. |\n/);
    return `${first.replace(/\.$/, "")}.`;
  }
}

function helpFor([name = "help"]: readonly string[]): Invocation {
  const of = commandNamed(name);
  return of === undefined ? unknown(name) : { kind: "help", of };
}

function unknown(name: string): Invocation {
  const meant = nearest(name, commands);
  return mistyped(`There is no command "${name}".${meant === undefined ? "" : ` Did you mean "${meant}"?`}`);
}

const mistyped = (words: string): Invocation => ({
  kind: "mistyped",
  words: `${words} "npm run bridge -- help" lists the commands.`,
});
