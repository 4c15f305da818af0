import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ManagedProcess } from "../process/managed-process.ts";

interface Running {
  readonly pid: number;
  readonly argv: readonly string[];
}

const fileOf = (folder: string): string => join(folder, "running.json");

/** Stores the running processes, so that the next demo can end them if this one is killed. */
export function noteRunning(folder: string, parts: readonly ManagedProcess[]): void {
  const running = parts.flatMap(({ pid, command }) =>
    pid === undefined ? [] : [{ pid, argv: command.argv }],
  );
  writeFileSync(fileOf(folder), JSON.stringify(running));
}

export function forgetRunning(folder: string): void {
  rmSync(fileOf(folder), { force: true });
}

/** Ends the processes of a killed demo that still run the command it started them with. */
export async function endLeftovers(folder: string, say: (line: string) => void): Promise<void> {
  const file = fileOf(folder);
  if (!existsSync(file)) return;
  const alive = (JSON.parse(readFileSync(file, "utf8")) as Running[]).filter(isStill);
  if (alive.length > 0) say(`Ending ${alive.length} processes of a demo that was killed`);
  for (const { pid } of alive) process.kill(-pid, "SIGTERM");
  for (let tries = 0; alive.some(isStill) && tries < 100; tries++) await pause(100);
  for (const { pid } of alive.filter(isStill)) process.kill(-pid, "SIGKILL");
  while (alive.some(isStill)) await pause(20);
  forgetRunning(folder);
}

function isStill({ pid, argv }: Running): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") === argv.map((word) => `${word}\0`).join("");
  } catch {
    return false;
  }
}
