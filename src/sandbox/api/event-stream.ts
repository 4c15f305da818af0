import { setTimeout as pause } from "node:timers/promises";

/** One event in the text form of server-sent events (HTML standard, 9.2). */
export function eventText(event: string, data: unknown, id?: string): string {
  const at = id === undefined ? "" : `id: ${id}\n`;
  return `event: ${event}\n${at}data: ${JSON.stringify(data)}\n\n`;
}

const calmMs = 20;
const lookMs = 1000;
const silenceMs = 15_000;

/**
 * What `next` has to tell, at the start and after each change, until the reader has gone.
 * @param subscribe calls its listener after a change, until the function that it answers is called. What changes without
 *   telling is seen within a second.
 */
export async function* liveEvents(
  subscribe: (listener: () => void) => () => void,
  signal: AbortSignal,
  next: () => string,
): AsyncGenerator<string> {
  let changed = false;
  let wake: () => void = () => undefined;
  const heard = (): void => {
    changed = true;
    wake();
  };
  const unsubscribe = subscribe(heard);
  signal.addEventListener("abort", heard);
  try {
    let spoke = performance.now();
    while (!signal.aborted) {
      changed = false;
      const text = next();
      const silent = performance.now() - spoke > silenceMs;
      if (text !== "" || silent) {
        spoke = performance.now();
        yield text === "" ? ": still here\n\n" : text;
      }
      // Many changes in a row are told together, and memory follows the commit.
      await pause(calmMs);
      if (changed) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, lookMs);
        wake = (): void => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    unsubscribe();
    signal.removeEventListener("abort", heard);
  }
}
