import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
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
const ROOMY = 4 * 2 ** 30;

/**
 * Where databases lie whose crashes a test only plays: in memory where there is room, so that no commit waits for a disk
 * that others keep busy, and else where temporary files usually are.
 */
export function placeWithoutDisk(room = ENOUGH): string {
  if (!existsSync(MEMORY)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= room ? MEMORY : tmpdir();
}

/** Where programs are installed: in memory too where there is much of it, as thousands of files cost a disk far more. */
export function placeForPrograms(): string {
  const place = placeWithoutDisk(ROOMY);
  using folder = temporaryFolder(place);
  const program = join(folder.path, "program");
  writeFileSync(program, "#!/bin/sh\n", { mode: 0o700 });
  return spawnSync(program).status === 0 ? place : tmpdir();
}
