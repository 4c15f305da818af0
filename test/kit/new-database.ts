import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseFile } from "../../src/store/database/connection.ts";
import { openStore } from "../../src/store/open.ts";
import { placeWithoutDisk, temporaryFolder } from "./temporary-folder.ts";

const log = { error() {}, warn() {}, info() {}, debug() {} };

/** What the store makes of a new file, by its key. */
const made = new Map<string | undefined, Promise<Buffer>>();

/**
 * Puts a database without rows where there is no file yet. Its schema is made once for a test file and not for every
 * database, as all the migrations take longer than what most tests do.
 */
export async function newDatabase({ path, key }: DatabaseFile): Promise<void> {
  if (existsSync(path)) return;
  const bytes = made.get(key?.hex) ?? make(key);
  made.set(key?.hex, bytes);
  writeFileSync(path, await bytes);
}

async function make(key: DatabaseFile["key"]): Promise<Buffer> {
  using folder = temporaryFolder(placeWithoutDisk());
  const path = join(folder.path, "bridge.db");
  await openStore({ path, key, log })[Symbol.asyncDispose]();
  return readFileSync(path);
}
