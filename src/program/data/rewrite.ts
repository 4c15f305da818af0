import { chmodSync, chownSync, lstatSync, rmSync, statSync } from "node:fs";
import { rename } from "node:fs/promises";
import { dirname } from "node:path";
import { encryptedCopy, examineCopy } from "../../store/copy.ts";
import type { DatabaseFile, DatabaseKey } from "../../store/database/connection.ts";
import { lockForWriting } from "../../store/database/writer-lock.ts";
import { refused } from "../refused.ts";
import { needRoom, sync } from "./durable.ts";

/**
 * Writes the database anew, without what was deleted in it, and encrypted with this key or with none, while no bridge
 * runs; answers its sizes. The new file takes the old one's place in one step, after it was read through. Throws
 * BridgeError with words, and has changed nothing then.
 */
export async function rewrite(
  database: DatabaseFile,
  key: DatabaseKey | undefined,
): Promise<{ readonly before: number; readonly after: number }> {
  const { path } = database;
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw refused(`There is no database ${path} yet; it is made at the first start.`);
  if (!found.isFile())
    throw refused(`${path} is a link or a folder. Name the database itself in the configuration.`);
  using _ = lockForWriting(path);
  needRoom(dirname(path), found.size, "the database that is written anew");
  const copy = `${path}.rewriting`;
  rmSync(copy, { force: true });
  try {
    encryptedCopy(database, { path: copy, key });
    examineCopy({ path: copy, key });
    chmodSync(copy, 0o600);
    // Root leaves it to the bridge's user.
    if (process.geteuid?.() === 0)
      for (const one of [copy, `${path}.lock`]) chownSync(one, found.uid, found.gid);
    await sync(copy);
    await rename(copy, path);
    await sync(dirname(path));
  } finally {
    rmSync(copy, { force: true });
  }
  return { before: found.size, after: statSync(path).size };
}
