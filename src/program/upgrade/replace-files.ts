import { execFileSync } from "node:child_process";
import { existsSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { sync } from "../data/durable.ts";
import { refused } from "../refused.ts";

/** A file and the text it is to have. */
interface NewText {
  readonly file: string;
  readonly after: string;
}

/** Written beside the file it is for, with all that is needed to put it in its place. */
interface Staged {
  readonly real: string;
  readonly kept: string;
  readonly fresh: string;
}

/**
 * Gives files other texts, all or none, keeping their owners, modes and access lists, and beside each a copy of what it
 * was; answers the copies' paths. Where it fails the files are as they were. Throws BridgeError with words, or what the
 * system says.
 */
export async function replaceFiles(files: readonly NewText[]): Promise<readonly string[]> {
  const staged: Staged[] = [];
  const placed: Staged[] = [];
  try {
    for (const { file, after } of files) {
      const real = realpathSync(file);
      const each = { real, kept: freeName(`${real}.before-upgrade`), fresh: freeName(`${real}.upgraded`) };
      staged.push(each);
      await stage(each, after);
    }
    for (const each of staged) {
      renameSync(each.fresh, each.real);
      placed.push(each);
    }
  } catch (cause) {
    for (const { kept, real } of placed) renameSync(kept, real);
    for (const copy of staged.flatMap(({ kept, fresh }) => [kept, fresh])) if (existsSync(copy)) rmSync(copy);
    throw cause;
  }
  for (const { real } of staged) await sync(dirname(real));
  return staged.map(({ kept }) => kept);
}

async function stage({ real, kept, fresh }: Staged, text: string): Promise<void> {
  for (const copy of [kept, fresh]) likeness(real, copy);
  await using file = await open(fresh, "r+");
  await file.truncate();
  await file.writeFile(text);
  await file.sync();
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
      `${copy} cannot be written (${said}). Nothing was changed: run this as the user it belongs to, with room on its disk.`,
      cause,
    );
  }
  const [was, is] = [statSync(path), statSync(copy)];
  if (was.uid === is.uid && was.gid === is.gid) return;
  throw refused(
    `${path} belongs to another user or group, which would lose it. Nothing was changed: run this as root, or as that user.`,
  );
}

function freeName(path: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? path : `${path}-${number}`;
    if (!existsSync(name)) return name;
  }
}
