import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TestWorld } from "./world.ts";

/** A copy of all a world's Synapse has on disk: database, files and keys. */
export class HomeserverCopy {
  readonly #world: TestWorld["world"];
  readonly #path: string;

  private constructor(world: TestWorld["world"]) {
    this.#world = world;
    this.#path = join(world.files.folder, "synapse-copy");
  }

  /** Made while it is stopped; afterwards it goes on. */
  static async take({ world }: TestWorld): Promise<HomeserverCopy> {
    const copy = new HomeserverCopy(world);
    await world.synapse.stop();
    cpSync(world.files.synapse, copy.#path, { recursive: true });
    await world.startSynapse();
    return copy;
  }

  /** Changes one of its files. */
  edit(name: string, change: (path: string) => void): void {
    change(join(this.#path, name));
  }

  /** Puts it in the place of what there is since; `away` happens while the homeserver is stopped. */
  async putBack(away: () => Promise<void>): Promise<void> {
    const { synapse, files } = this.#world;
    await synapse.stop();
    rmSync(files.synapse, { recursive: true });
    cpSync(this.#path, files.synapse, { recursive: true });
    await away();
    await this.#world.startSynapse();
  }
}
