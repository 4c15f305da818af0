import { execFile, spawn } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import Database from "better-sqlite3";
import { stringify } from "yaml";
import { freePorts } from "../../tools/process/ports.ts";
import type { BuiltImage } from "./built-image.ts";
import { ContainerEngine } from "./container-engine.ts";
import { readContainerfile } from "./containerfile.ts";
import { crontabLine } from "./crontab-line.ts";
import { StandInPrograms } from "./stand-in-programs.ts";
import { UnitService } from "./unit-service.ts";

/** The user that systemd makes up. */
const SERVICE_USER = 61_184;
const SERVICE = "third-party-chats";
const BACKUP = `${SERVICE}-backup`;

/** The blocks of a page that are written in a language, for a shell as it stands. */
export const blocksOf = (page: string, language = "sh"): readonly string[] =>
  [...readFileSync(page, "utf8").matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, of, block = ""]) =>
    of === language ? [block] : [],
  );

/**
 * A machine on which commands of the documentation are run as they stand, in a checkout. A folder stands for its `/etc`,
 * `/opt` and `/var`; systemctl and podman are stood in for.
 */
export class DocumentedMachine implements AsyncDisposable {
  readonly service: UnitService;
  readonly #root: string;
  readonly #programs: StandInPrograms;
  readonly #engine: ContainerEngine;
  readonly #npm: BuiltImage["npm"];
  /** How often each installation was run. */
  readonly #installed = new Map<string, number>();

  private constructor(
    root: string,
    service: UnitService,
    engine: ContainerEngine,
    programs: StandInPrograms,
    npm: BuiltImage["npm"],
  ) {
    this.#root = root;
    this.service = service;
    this.#engine = engine;
    this.#programs = programs;
    this.#npm = npm;
  }

  static async start(root: string, image: BuiltImage): Promise<DocumentedMachine> {
    // The service's user has to come through.
    chmodSync(root, 0o711);
    for (const folder of ["etc/systemd/system", "etc/matrix-synapse", "opt", "srv/bridge", "var/lib"]) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    symlinkSync(dirname(image.tarball), join(root, "source"));
    const service = new UnitService(root, SERVICE_USER);
    const engine = new ContainerEngine(image, join(root, "container.log"));
    const programs = await StandInPrograms.in(
      join(root, "bin"),
      ["systemctl", "podman", "journalctl"],
      async (called) => {
        const { program, words, cwd } = called;
        if (program === "podman") return { status: 0, out: await engine.call(words, cwd) };
        if (program === "journalctl") return journal(service, words);
        const isDone = await systemctl(service, words);
        // What a person reads in the journal then.
        return isDone ? { status: 0, out: "" } : { status: 1, out: service.lastWords() };
      },
    );
    return new DocumentedMachine(root, service, engine, programs, image.npm);
  }

  /** Runs a block of commands; answers what they print. Throws at the first that fails. */
  async does(block: string): Promise<string> {
    const once = block
      .replace(/^npm pack$/m, () => packedBefore())
      .replaceAll(/npm install \S.* (\S+\.tgz)(?= |$)/gm, (words: string, tarball: string) =>
        this.#isInstalledTwice(words) ? `test -e ${tarball}` : words,
      );
    const script = this.#here(once)
      // Only Synapse's package makes this group.
      .replaceAll("-g matrix-synapse", "-g daemon");
    const { stdout } = await promisify(execFile)("sh", ["-ec", script], {
      cwd: join(this.#root, "source"),
      env: { ...process.env, ...this.#npm, PATH: `${this.#programs.folder}:${process.env["PATH"]}` },
    });
    return stdout;
  }

  /** Runs what somebody types in a folder, with the package's programs found; whatever its status, what it prints. */
  async typed(command: string, folder: string): Promise<string> {
    const paths = [this.#programs.folder, join(this.#root, "opt", SERVICE, "node_modules/.bin")];
    const child = spawn("sh", ["-c", this.#here(command)], {
      cwd: join(this.#root, folder),
      env: { ...process.env, PATH: [...paths, process.env["PATH"]].join(":") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return (await Promise.all([text(child.stdout), text(child.stderr)])).join("");
  }

  /** Runs the command of a line of a crontab as cron does, in the little that it gives one. Throws where it fails. */
  async scheduled(line: string): Promise<string> {
    const { command, input } = crontabLine(line);
    const done = promisify(execFile)("/bin/sh", ["-c", this.#here(command)], {
      cwd: "/",
      env: { HOME: "/", LOGNAME: "root", SHELL: "/bin/sh", PATH: `${this.#programs.folder}:/usr/bin:/bin` },
    });
    done.child.stdin?.end(input);
    return (await done).stdout;
  }

  /** The names in one of its folders. */
  names(folder: string): readonly string[] {
    return readdirSync(join(this.#root, folder));
  }

  /** The same package over itself changes nothing, which the second time has shown. */
  #isInstalledTwice(words: string): boolean {
    const times = this.#installed.get(words) ?? 0;
    this.#installed.set(words, times + 1);
    return times >= 2;
  }

  /** Writes a configuration with free addresses; the homeserver is not up yet. */
  async configure(path: string, data = "."): Promise<void> {
    const at = (name: string): string => (data === "." ? `./${name}` : join(this.#root, data, name));
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
      database: at("bridge.db"),
      media: { folder: at("media") },
      backups: { folder: at("backups") },
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

  #here(command: string): string {
    return command.replaceAll(/(^|[\s=])\/(?=etc\/|opt\/|srv\/|var\/)/gm, `$1${this.#root}/`);
  }
}

/** The Containerfile has it run too, and what it made lies there. */
function packedBefore(): string {
  const steps = readContainerfile("Containerfile").flatMap((stage) => stage.steps);
  const isRun = steps.some(({ instruction, words }) => instruction === "RUN" && words === "npm pack");
  if (!isRun) throw new Error("The Containerfile does not run npm pack");
  return `test -e ${SERVICE}-*.tgz`;
}

/** What the service wrote; a test waits for no more of it. */
const journal = (service: UnitService, words: readonly string[]) =>
  words.join(" ").includes(`-u ${SERVICE}`)
    ? { status: 0, out: readFileSync(service.log, "utf8") }
    : { status: 1, out: "" };

/** Whether it went well. */
async function systemctl(service: UnitService, words: readonly string[]): Promise<boolean> {
  const [verb = ""] = words;
  if (verb === "daemon-reload" || words.includes("matrix-synapse")) return true;
  if (verb === "enable" && words.at(-1) === `${BACKUP}.timer`) return service.hasUnit(`${BACKUP}.timer`);
  if (verb === "start" && words.at(-1) === BACKUP) return service.once(BACKUP);
  if (words.at(-1) !== SERVICE) return false;
  if (verb === "status") return service.running;
  if (verb === "stop" || verb === "restart") await service.stop();
  if (verb === "stop") return true;
  if (verb === "start" || verb === "restart" || (verb === "enable" && words.includes("--now")))
    return service.start(SERVICE);
  return false;
}
