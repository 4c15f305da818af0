import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ManagedProcess } from "../../tools/process/managed-process.ts";
import type { BuiltImage } from "./built-image.ts";
import { type Isolated, isolated, runIsolated } from "./isolated.ts";

interface Container {
  readonly where: Isolated;
  readonly process: ManagedProcess;
}

/** Does what is asked of podman, as far as the documentation asks, with an image that was built before. */
export class ContainerEngine implements AsyncDisposable {
  readonly #image: BuiltImage;
  readonly #log: string;
  readonly #names = new Set<string>();
  readonly #containers = new Map<string, Container>();

  constructor(image: BuiltImage, log: string) {
    this.#image = image;
    this.#log = log;
  }

  /** Answers what it prints. */
  async call([verb = "", ...words]: readonly string[], cwd: string): Promise<string> {
    const [first = "", ...rest] = words;
    switch (verb) {
      case "build":
        if (!existsSync(join(cwd, "Containerfile"))) throw new Error("There is no Containerfile");
        this.#names.add(rest[0] ?? "");
        return "";
      case "tag":
        if (!this.#names.has(first)) throw new Error(`There is no image ${first}`);
        this.#names.add(rest[0] ?? "");
        return "";
      case "run":
        return this.#run(words, cwd);
      case "exec": {
        const { where, process } = this.#container(first);
        if (!process.running) throw new Error(`${first} does not run`);
        return runIsolated(where, rest);
      }
      case "start":
        await this.#begin(this.#container(first));
        return `${first}\n`;
      case "stop":
        await this.#container(first).process.stop();
        return `${first}\n`;
      case "rm":
        if (this.#container(first).process.running) throw new Error(`${first} runs`);
        this.#containers.delete(first);
        return `${first}\n`;
      case "logs":
        // A test waits for no more of it.
        return readFileSync(this.#container(rest.at(-1) ?? first).process.log, "utf8");
      default:
        throw new Error(`Nothing stands in for podman ${verb}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process } of this.#containers.values()) await process.stop();
  }

  async #run(words: readonly string[], cwd: string): Promise<string> {
    const takesValue = ["--user", "--name", "--cap-drop", "-v", "-p"];
    const given = new Map<string, string>();
    let at = 0;
    for (; words[at]?.startsWith("-"); at += 1) {
      const flag = words[at] ?? "";
      given.set(flag, takesValue.includes(flag) ? (words[++at] ?? "") : "");
    }
    const [name = "", ...args] = words.slice(at);
    if (!this.#names.has(name)) throw new Error(`There is no image ${name}`);
    const [from = "", to = ""] = given.get("-v")?.split(":") ?? [];
    if (to !== this.#image.folder || !given.has("--read-only")) throw new Error("That is not the volume");
    const user = Number(given.get("--user")?.split(":")[0]);
    const where = { image: this.#image, data: resolve(cwd, from), user };
    const argv = [...this.#image.entrypoint, ...(args.length > 0 ? args : this.#image.command)];
    if (!given.has("-d")) return runIsolated(where, argv);
    const process = new ManagedProcess(name, isolated(where, argv), this.#log);
    const container = { where, process };
    this.#containers.set(given.get("--name") ?? "", container);
    await this.#begin(container);
    return "";
  }

  #container(name: string): Container {
    const found = this.#containers.get(name);
    if (found === undefined) throw new Error(`There is no container ${name}`);
    return found;
  }

  async #begin({ where, process }: Container): Promise<void> {
    process.start();
    const isHealthy = async (): Promise<boolean> => {
      try {
        return runIsolated(where, this.#image.healthcheck) !== "";
      } catch {
        return false;
      }
    };
    await process.ready(isHealthy);
  }
}
