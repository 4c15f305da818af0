import type { BenchWorld } from "./bench-world.ts";
import { processorTime } from "./machine.ts";

/** Measures the processor time of a world's processes from now on. */
export function meter({ processes }: BenchWorld): { each(messages: number): string } {
  const entries = Object.entries(processes).map(
    ([name, pid]) => ({ name, pid, before: processorTime(pid) }) as const,
  );
  return {
    /** Words with the milliseconds of processor time that the bridge and the others used for each message. */
    each(messages: number): string {
      const used = entries.map(({ name, pid, before }) => {
        const ms = (processorTime(pid) - before) / messages;
        return `${name} ${ms.toFixed(2)}`;
      });
      return `ms of processor each: ${used.join(", ")}`;
    },
  };
}
