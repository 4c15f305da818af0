import { statSync } from "node:fs";
import { chmod, link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { whyUnwritten } from "../../core/model/unread-file.ts";
import { fieldOf } from "../http/json.ts";
import type { NamespaceOptions } from "../http/namespace.ts";
import {
  parseRegistration,
  type Registration,
  registrationProblems,
  registrationYaml,
} from "./registration.ts";
import { bad, isFolder, unreadable } from "./registration-words.ts";

/**
 * Writes the file, readable by its owner only, in one go: where that fails, what was there is as it was. Throws BridgeError
 * where it exists and is not to be replaced.
 */
export async function writeRegistration(
  path: string,
  registration: Registration,
  {
    text = registrationYaml(registration),
    replace = false,
  }: { readonly text?: string; readonly replace?: boolean } = {},
): Promise<void> {
  const fresh = `${path}.${process.pid}.new`;
  try {
    await writeFile(fresh, text, { flag: "wx", mode: 0o600, flush: true });
    await chmod(fresh, 0o600);
    await (replace ? rename(fresh, path) : link(fresh, path));
  } catch (cause) {
    const exists = fieldOf(cause, "code") === "EEXIST";
    throw bad(
      exists
        ? `${path} is there already. Its tokens are known to your homeserver, so it is left as it is; move it away to make a new one.`
        : `${path} could not be written. ${whyUnwritten(cause)}`,
      cause,
    );
  } finally {
    await rm(fresh, { force: true });
  }
}

/** Throws where the path is a folder and not a file. */
export function assertNoFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw isFolder(path);
}

/** Reads the file. Throws BridgeError, with the reason, for one that this bridge cannot work with. */
export async function readRegistration(path: string, names: NamespaceOptions): Promise<Registration> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw unreadable(path, "Write it with the register command.", cause);
  });
  const parsed = parseRegistration(text);
  if (parsed.kind === "problem") throw bad(`${path}: ${parsed.words}`);
  const problems = registrationProblems(parsed.registration, names);
  if (problems.length > 0) throw bad(`${path}: ${problems.join(" ")}`);
  return parsed.registration;
}
