import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import Database from "better-sqlite3";
import { stringify } from "yaml";
import { freePorts } from "../../tools/process/ports.ts";
import type { BuiltImage } from "./built-image.ts";
import { ContainerEngine } from "./container-engine.ts";
import { readContainerfile } from "./containerfile.ts";
import { StandInPrograms } from "./stand-in-programs.ts";
import { UnitService } from "./unit-service.ts";

/** The user that systemd makes up. */
const SERVICE_USER = 61_184;
const SERVICE = "third-party-chats";

/** The commands of a page, by block. */
export const shellBlocks = (page: string): readonly string[] =>
  [...readFileSync(page, "utf8").matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block);

/**
 * A machine on which commands of the documentation are run as they stand, in a checkout. A folder stands for its `/etc`,
 * `/opt` and `/var`; systemctl and podman are stood in for.
 */
export class DocumentedMachine implements AsyncDisposable {
  readonly service: UnitService;
  readonly #root: string;
  readonly #programs: StandInPrograms;
  readonly #engine: ContainerEngine;

  private constructor(
    root: string,
    service: UnitService,
    engine: ContainerEngine,
    programs: StandInPrograms,
  ) {
    this.#root = root;
    this.service = service;
    this.#engine = engine;
    this.#programs = programs;
  }

  static async start(root: string, image: BuiltImage): Promise<DocumentedMachine> {
    // The service's user has to come through.
    chmodSync(root, 0o711);
    for (const folder of ["etc/systemd/system", "etc/matrix-synapse", "opt", "var/lib"]) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    symlinkSync(dirname(image.tarball), join(root, "source"));
    const service = new UnitService(root, SERVICE_USER);
    const engine = new ContainerEngine(image, join(root, "container.log"));
    const programs = await StandInPrograms.in(join(root, "bin"), ["systemctl", "podman"], async (called) => {
      const { program, words, cwd } = called;
      if (program === "podman") return { status: 0, out: await engine.call(words, cwd) };
      return { status: (await systemctl(service, words)) ? 0 : 1, out: "" };
    });
    return new DocumentedMachine(root, service, engine, programs);
  }

  /** Runs a block of commands. Throws at the first that fails. */
  async does(block: string): Promise<void> {
    const script = block
      .replace(/^npm pack$/m, () => packedBefore())
      // Only Synapse's package makes this group.
      .replaceAll("-g matrix-synapse", "-g daemon")
      .replaceAll(/(^|[\s=])\/(?=etc\/|opt\/|var\/)/gm, `$1${this.#root}/`);
    await promisify(execFile)("sh", ["-ec", script], {
      cwd: join(this.#root, "source"),
      env: { ...process.env, PATH: `${this.#programs.folder}:${process.env["PATH"]}` },
    });
  }

  /** Writes a configuration with free addresses; the homeserver is not up yet. */
  async configure(path: string): Promise<void> {
    const [homeserver, appservice, partner, health] = await freePorts(4);
    const config = {
      homeserver: { url: `http://127.0.0.1:${homeserver}`, server_name: "home.test" },
      appservice: { listen: `127.0.0.1:${appservice}` },
      networks: {
        meta_interop: {
          partner: { url: "https://chats.home.test", listen: `127.0.0.1:${partner}` },
        },
      },
      permissions: { "home.test": "user" },
      health: { listen: `127.0.0.1:${health}` },
    };
    writeFileSync(join(this.#root, path), stringify(config));
  }

  changeDatabase(sql: string): void {
    const db = new Database(join(this.#root, "var/lib", SERVICE, "bridge.db"));
    db.exec(sql);
    db.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine[Symbol.asyncDispose]();
    await this.service[Symbol.asyncDispose]();
    await this.#programs[Symbol.asyncDispose]();
  }
}

/** The Containerfile has it run too, and what it made lies there. */
function packedBefore(): string {
  const steps = readContainerfile("Containerfile").flatMap((stage) => stage.steps);
  const isRun = steps.some(({ instruction, words }) => instruction === "RUN" && words === "npm pack");
  if (!isRun) throw new Error("The Containerfile does not run npm pack");
  return `test -e ${SERVICE}-*.tgz`;
}

/** Whether it went well. */
async function systemctl(service: UnitService, words: readonly string[]): Promise<boolean> {
  const [verb = ""] = words;
  if (verb === "daemon-reload" || words.includes("matrix-synapse")) return true;
  if (words.at(-1) !== SERVICE) return false;
  if (verb === "status") return service.running;
  if (verb === "stop" || verb === "restart") await service.stop();
  if (verb === "stop") return true;
  if (verb === "start" || verb === "restart" || (verb === "enable" && words.includes("--now")))
    return service.start(SERVICE);
  return false;
}
