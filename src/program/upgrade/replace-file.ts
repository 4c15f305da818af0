import { execFileSync } from "node:child_process";
import { existsSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { sync } from "../data/durable.ts";
import { refused } from "../refused.ts";

/**
 * Gives a file another text at once, keeping its owner, mode and access list, and beside it a copy of what it was; answers
 * the copy's path. Where it fails the file is as it was. Throws BridgeError with words, or what the system says.
 */
export async function replaceFile(path: string, text: string): Promise<string> {
  const real = realpathSync(path);
  const kept = freeName(`${real}.before-upgrade`);
  const fresh = freeName(`${real}.upgraded`);
  try {
    for (const copy of [kept, fresh]) likeness(real, copy);
    {
      await using file = await open(fresh, "r+");
      await file.truncate();
      await file.writeFile(text);
      await file.sync();
    }
    renameSync(fresh, real);
  } catch (cause) {
    for (const copy of [kept, fresh]) rmSync(copy, { force: true });
    throw cause;
  }
  await sync(dirname(real));
  return kept;
}

/** A copy with everything that says who may read it; only cp(1) takes access lists along. */
function likeness(path: string, copy: string): void {
  try {
    execFileSync("cp", ["-p", "--", path, copy], { stdio: ["ignore", "ignore", "pipe"] });
  } catch (cause) {
    const said = String(Object(cause).stderr ?? "")
      .trim()
      .replace(/^.*: /s, "");
    throw refused(
      `${copy} cannot be written (${said}). Nothing was changed there: run this as the user it belongs to, with room on its disk.`,
      cause,
    );
  }
  const [was, is] = [statSync(path), statSync(copy)];
  if (was.uid === is.uid && was.gid === is.gid) return;
  throw refused(
    `${path} belongs to another user or group, which would lose it. Nothing was changed there: run this as root, or as that user.`,
  );
}

function freeName(path: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? path : `${path}-${number}`;
    if (!existsSync(name)) return name;
  }
}
