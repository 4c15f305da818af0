import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TestWorld } from "./world.ts";

/** A copy of everything that a world's Synapse has on disk: database, files and keys. */
export class HomeserverCopy {
  readonly #world: TestWorld["world"];
  readonly #path: string;

  private constructor(world: TestWorld["world"]) {
    this.#world = world;
    this.#path = join(world.files.folder, "synapse-copy");
  }

  /** Stops Synapse, makes the copy, and starts Synapse again. */
  static async take({ world }: TestWorld): Promise<HomeserverCopy> {
    const copy = new HomeserverCopy(world);
    await world.synapse.stop();
    cpSync(world.files.synapse, copy.#path, { recursive: true });
    await world.startSynapse();
    return copy;
  }

  /** Changes a file of the copy. */
  edit(name: string, change: (path: string) => void): void {
    change(join(this.#path, name));
  }

  /** Restores the copy; `away` runs while Synapse is stopped. */
  async putBack(away: () => Promise<void>): Promise<void> {
    const { synapse, files } = this.#world;
    await synapse.stop();
    rmSync(files.synapse, { recursive: true });
    cpSync(this.#path, files.synapse, { recursive: true });
    await away();
    await this.#world.startSynapse();
  }
}
