import { parseArgs } from "node:util";
import { called } from "./called.ts";
import { type ListenAddress, parseListen } from "./listen.ts";
import { nearest } from "./nearest.ts";
import { quoted } from "./quoted.ts";
import { type Command, commands } from "./usage.ts";

export type Invocation =
  | {
      readonly kind: "init";
      /** The answers that were given, each as its question takes it. */
      readonly given: Readonly<Partial<Record<InitAnswer, string>>>;
      /** The folder for all that is the bridge's; undefined for the usual one. */
      readonly data: string | undefined;
      readonly listen: ListenAddress | undefined;
      readonly url: string | undefined;
      /** Where people reach the settings page: an address to listen on, or a proxy's URL. */
      readonly provisioning: string | undefined;
      readonly yes: boolean;
      readonly json: boolean;
    }
  | {
      readonly kind: "start";
      readonly config: string;
      readonly registration: string;
      /** The configuration of a sandbox that is started along. */
      readonly sandbox: string | undefined;
    }
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
  | {
      readonly kind: "doctor";
      readonly config: string;
      readonly registration: string;
      readonly json: boolean;
    }
  | {
      /** `config upgrade`. */
      readonly kind: "config";
      readonly config: string;
      readonly registration: string;
      readonly write: boolean;
      readonly json: boolean;
    }
  | { readonly kind: "health"; readonly config: string }
  | {
      readonly kind: "backup";
      readonly config: string;
      readonly registration: string;
      /** The folder it is made in; undefined for the configuration's. */
      readonly to: string | undefined;
      /** How many are kept there; undefined for the configuration's number. */
      readonly keep: number | undefined;
      readonly json: boolean;
    }
  | {
      readonly kind: "restore";
      readonly config: string;
      readonly registration: string;
      /** The folder of a backup. */
      readonly from: string;
      readonly json: boolean;
    }
  | { readonly kind: "encrypt"; readonly config: string; readonly json: boolean }
  | { readonly kind: "decrypt"; readonly config: string; readonly json: boolean }
  | { readonly kind: "vacuum"; readonly config: string; readonly json: boolean }
  | {
      readonly kind: "rekey";
      readonly config: string;
      /** The file with the new key; made where it is not there. */
      readonly newKey: string;
      readonly json: boolean;
    }
  | { readonly kind: "version" }
  | { readonly kind: "help"; readonly of: Command }
  | { readonly kind: "mistyped"; readonly words: string };

/** What `init` asks, as its flags are called. */
const initAnswers = ["homeserver", "users", "networks", "synapse", "unit"] as const;
type InitAnswer = (typeof initAnswers)[number];

const options = {
  config: { type: "string", short: "c", default: "config.yaml" },
  registration: { type: "string", short: "r" },
  force: { type: "boolean", short: "f", default: false },
  write: { type: "boolean", short: "w", default: false },
  sandbox: { type: "string" },
  data: { type: "string", short: "d" },
  homeserver: { type: "string" },
  users: { type: "string" },
  networks: { type: "string" },
  synapse: { type: "string" },
  unit: { type: "string" },
  listen: { type: "string" },
  url: { type: "string" },
  provisioning: { type: "string" },
  to: { type: "string" },
  from: { type: "string" },
  "new-key": { type: "string" },
  keep: { type: "string" },
  yes: { type: "boolean", short: "y", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** The options of each command besides `--help`. */
const takes: Readonly<Record<Command, readonly string[]>> = {
  init: ["data", ...initAnswers, "listen", "url", "provisioning", "yes", "json"],
  start: ["config", "registration", "sandbox"],
  register: ["config", "registration", "force"],
  "check-config": ["config", "registration"],
  config: ["config", "registration", "write", "json"],
  doctor: ["config", "registration", "json"],
  health: ["config"],
  backup: ["config", "registration", "to", "keep", "json"],
  restore: ["config", "registration", "from", "json"],
  encrypt: ["config", "json"],
  rekey: ["config", "new-key", "json"],
  decrypt: ["config", "json"],
  vacuum: ["config", "json"],
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
  if (command === "config" && rest.shift() !== "upgrade")
    return mistyped("What is done to the configuration is “config upgrade”.");
  const [surplus] = rest;
  if (command === "restore" && values.from === undefined)
    return mistyped(
      surplus === undefined
        ? "Say which backup: restore --from FOLDER, a folder that backup made."
        : `Name the backup by --from, as in “restore --from ${quoted(surplus)}”.`,
    );
  if (surplus !== undefined) return mistyped(`"${surplus}" is one word too many after ${command}.`);
  const stray = tokens.find((token) => token.kind === "option" && !takes[command].includes(token.name));
  if (stray?.kind === "option") return mistyped(`${command} takes no ${stray.rawName}.`);
  const { config, registration: named, force, sandbox, json } = values;
  const registration = named ?? "registration.yaml";
  if (command === "init") return initOf(values);
  const { "new-key": newKey = "" } = values;
  if (command === "rekey" && newKey === "")
    return mistyped("Say where the new key is, or is to be made: rekey --new-key FILE.");
  const keep = values.keep === undefined ? undefined : Number(values.keep);
  if (keep !== undefined && !(Number.isInteger(keep) && keep >= 1))
    return mistyped(`--keep takes a number of backups, 1 or more, not "${values.keep}".`);
  const meant: Readonly<Record<Exclude<Command, "help" | "init">, Invocation>> = {
    start: { kind: "start", config, registration, sandbox },
    register: { kind: "register", config, registration, force },
    "check-config": { kind: "check-config", config, registration: named },
    config: { kind: "config", config, registration, write: values.write, json },
    doctor: { kind: "doctor", config, registration, json },
    health: { kind: "health", config },
    backup: { kind: "backup", config, registration, to: values.to, keep, json },
    encrypt: { kind: "encrypt", config, json },
    rekey: { kind: "rekey", config, newKey, json },
    decrypt: { kind: "decrypt", config, json },
    vacuum: { kind: "vacuum", config, json },
    restore: { kind: "restore", config, registration, from: values.from ?? "", json },
    version: { kind: "version" },
  };
  return meant[command];
}

type Values = Exclude<ReturnType<typeof attempt>, string>["values"];

function initOf({ data, listen: written, url, provisioning, yes, json, ...values }: Values): Invocation {
  const listen = written === undefined ? undefined : parseListen(written);
  if (written !== undefined && (listen === undefined || listen.port === 0)) {
    return mistyped(`--listen takes an address and port, such as 127.0.0.1:29340, not "${written}".`);
  }
  const given = Object.fromEntries(
    initAnswers.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
  );
  return { kind: "init", given, data, listen, url, provisioning, yes, json };
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
  words: `${words} "${called.bridge} help" lists the commands.`,
});
