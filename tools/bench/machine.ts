import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";
import { join } from "node:path";

/** The machine in one line, so that numbers are never quoted without it. */
export function machine(folder: string): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const flush = `${flushes(folder).toLocaleString("en")} flushed writes/s`;
  const system = `${platform()} ${release()}`;
  return `${availableParallelism()} cores of ${model}, ${memory}, ${flush}, ${system}, Node ${process.version}`;
}

/** How many writes of 4 KiB, each flushed to the disk, the machine does in a second. */
function flushes(folder: string): number {
  const file = openSync(join(folder, "flush"), "w");
  const block = Buffer.alloc(4096, 1);
  const end = performance.now() + 500;
  let count = 0;
  for (; performance.now() < end; count++) {
    writeSync(file, block);
    fsyncSync(file);
  }
  closeSync(file);
  return count * 2;
}

/** Words of warning when the machine has other work, which makes every number worse; empty when it has not. */
export function otherWork(): string {
  const [load = 0] = loadavg();
  return load < 0.5 ? "" : ` The machine was busy with other work (load ${load.toFixed(1)}) when this began.`;
}

/** Milliseconds of processor time a process has used. */
export function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  // Fields 14 and 15 of proc(5), in hundredths of a second; the first two fields were cut off.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Resident memory of a process, in MiB. */
export function residentMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024);
}
