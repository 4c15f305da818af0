import { readFileSync } from "node:fs";

/** Linux's `USER_HZ`, the same on all machines. */
const TICKS_A_SECOND = 100;
/** The index of the start time (field 22 of /proc/PID/stat) among the fields behind the program's name, which may hold spaces. */
const START = 22 - 3;

/**
 * When the person gave the command, in milliseconds since the epoch: npm's start where npm runs us, which fetches packages
 * first; else our own.
 */
export function beganAt(): number {
  const own = performance.timeOrigin;
  if (process.env["npm_lifecycle_event"] !== "demo") return own;
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [uptime = ""] = readFileSync("/proc/uptime", "utf8").split(" ");
    const age = Number(uptime) - Number(fields[START]) / TICKS_A_SECOND;
    return age >= 0 ? Math.min(own, Date.now() - age * 1_000) : own;
  } catch {
    return own;
  }
}
