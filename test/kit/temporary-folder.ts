import { existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryFolder extends Disposable {
  readonly path: string;
}

export function temporaryFolder(place = tmpdir()): TemporaryFolder {
  const path = mkdtempSync(join(place, "third-party-chats-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const MEMORY = "/dev/shm";
const ENOUGH = 512 * 2 ** 20;

/**
 * Where databases lie whose crashes a test only plays: in memory where there is room, so that no commit waits for a disk
 * that others keep busy, and else where temporary files usually are.
 */
export function placeWithoutDisk(): string {
  if (!existsSync(MEMORY)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= ENOUGH ? MEMORY : tmpdir();
}
