import { setTimeout as pause } from "node:timers/promises";

/** Resolves when `holds` answers true; throws after `seconds`, naming `what`. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seconds = 15,
): Promise<void> {
  for (const deadline = Date.now() + seconds * 1000; !(await holds()); await pause(100)) {
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain for ${what}`);
  }
}
