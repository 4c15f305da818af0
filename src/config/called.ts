import { accessSync, constants, existsSync, realpathSync } from "node:fs";
import { delimiter, extname, isAbsolute, join } from "node:path";
import { quoted } from "./quoted.ts";

interface Installed {
  /** The folder of the installed package. */
  readonly root: string;
  /** What the shell gave this process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * How a shell finds a program of the installed package again: by its name where that leads to this package, else by its
 * path. What npm puts on the path for a command of its own (`npm exec`) is gone after it.
 */
export function calledInstalled(program: string, { root, environment }: Installed): string {
  const ours = join(root, "bin", "third-party-chats");
  const folders =
    environment["npm_command"] === undefined ? (environment["PATH"] ?? "").split(delimiter) : [];
  const first = folders.map((folder) => join(folder, program)).find(isProgram);
  if (first !== undefined && isAbsolute(first) && isSame(first, ours)) return program;
  const linked = join(root, "..", ".bin", program);
  return quoted(existsSync(linked) ? linked : ours);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const isSame = (one: string, other: string): boolean =>
  existsSync(other) && realpathSync(one) === realpathSync(other);

const isCompiled = extname(import.meta.filename) === ".js";
const installed: Installed = { root: join(import.meta.dirname, "../.."), environment: process.env };
const bridge = isCompiled ? calledInstalled("third-party-chats", installed) : "npm run bridge --";

/** How whoever runs this program calls it: an installed package has programs, a source checkout npm's scripts. */
export const called = isCompiled
  ? { bridge, start: `${bridge} start`, sandbox: calledInstalled("third-party-chats-sandbox", installed) }
  : { bridge, start: "npm start --", sandbox: "npm run sandbox --" };
