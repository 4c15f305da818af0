import type { BenchWorld } from "./bench-world.ts";
import { processorTime } from "./machine.ts";

/** What the processes of a world use of the processor from now on. */
export function meter({ processes }: BenchWorld): { each(messages: number): string } {
  const entries = Object.entries(processes).map(
    ([name, pid]) => ({ name, pid, before: processorTime(pid) }) as const,
  );
  return {
    /** Milliseconds of processor time a message, of the bridge and of what it is measured against. */
    each(messages: number): string {
      const used = entries.map(({ name, pid, before }) => {
        const ms = (processorTime(pid) - before) / messages;
        return `${name} ${ms.toFixed(2)}`;
      });
      return `ms of processor each: ${used.join(", ")}`;
    },
  };
}
