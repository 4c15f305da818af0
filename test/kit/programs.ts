import { processEnvironment } from "../../tools/process/environment.ts";
import type { Command } from "../../tools/process/managed-process.ts";
import { projectRoot } from "../../tools/world/world.ts";

/** How the programs are run. */
export interface Programs {
  /** Lets them have a world's folder; answers it as they see it. */
  readonly prepare: (folder: string) => string;
  /** @param socket where the bridge's turns are told, if they are watched */
  readonly bridge: (folder: string, words: readonly string[], socket?: string) => Command;
  readonly sandbox: (folder: string, words: readonly string[]) => Command;
}

const node = (...args: readonly string[]): Command => ({
  argv: [process.execPath, ...args],
  cwd: projectRoot,
  env: processEnvironment(),
});

/** The programs of this checkout. */
export const sources: Programs = {
  prepare: (folder) => folder,
  bridge: (_, words, socket) => {
    const watch = new URL(`turn-watch.ts?socket=${encodeURIComponent(socket ?? "")}`, import.meta.url).href;
    const watched = socket === undefined ? [] : ["--import", watch];
    return node(...watched, "--disable-warning=DEP0060", "src/cli.ts", ...words);
  },
  sandbox: (_, words) => node("src/sandbox/run.ts", ...words),
};
