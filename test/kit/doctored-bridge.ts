import { chmodSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { buildRegistration, registrationYaml } from "../../src/matrix/registration/registration.ts";
import { freePorts } from "../../tools/process/ports.ts";
import { runProgram } from "./program.ts";
import { TestSynapse } from "./synapse.ts";
import { temporaryFolder } from "./temporary-folder.ts";

interface Found {
  readonly status: "good" | "bad" | "untried";
  readonly file?: string;
  readonly line?: number | null;
  readonly what: string;
  readonly cure?: string;
}

/** A real Synapse and the files of a bridge beside it, for `doctor` to look at when a test has broken something. */
export class DoctoredBridge implements AsyncDisposable {
  readonly synapse: TestSynapse;
  readonly folder: string;
  readonly config: string;
  readonly registration: string;
  /** The port the bridge listens on for Synapse. */
  readonly port: number;
  readonly kept: { readonly config: string; readonly registration: string };
  readonly #stack: AsyncDisposableStack;

  private constructor(
    synapse: TestSynapse,
    folder: string,
    ports: readonly number[],
    stack: AsyncDisposableStack,
  ) {
    const [port = 0, partner = 0] = ports;
    this.synapse = synapse;
    this.folder = folder;
    this.config = join(folder, "config.yaml");
    this.registration = join(folder, "registration.yaml");
    this.port = port;
    this.#stack = stack;
    this.kept = {
      registration: readFileSync(this.registration, "utf8"),
      config: `homeserver:
  url: ${synapse.url}
  server_name: localhost
appservice:
  listen: 127.0.0.1:${port}
networks:
  meta_interop:
    partner: { url: "http://127.0.0.1:${partner}", listen: "127.0.0.1:${partner}" }
permissions:
  "@ana:localhost": admin
  localhost: user
`,
    };
  }

  /** Another appservice of the Synapse has all names that begin with `_tpc_taken_`. */
  static async start(): Promise<DoctoredBridge> {
    await using stack = new AsyncDisposableStack();
    const { path: folder } = stack.use(temporaryFolder());
    const ports = await freePorts(2);
    const names = { botLocalpart: "thirdparty", prefix: "_tpc_", serverName: "localhost", protocols: [] };
    const ours = buildRegistration({ ...names, id: "thirdpartychats", url: `http://127.0.0.1:${ports[0]}` });
    const other = buildRegistration({ ...names, id: "greedy", url: "http://127.0.0.1:9" });
    const claims = { users: [{ exclusive: true, regex: "^@_tpc_taken_.*$" }], aliases: [], rooms: [] };
    const registrations = ["registration.yaml", "greedy.yaml"].map((name) => join(folder, name));
    const [first = "", greedy = ""] = registrations;
    writeFileSync(first, registrationYaml(ours));
    writeFileSync(greedy, registrationYaml({ ...other, sender_localpart: "greedy", namespaces: claims }));
    const synapse = stack.use(await TestSynapse.start({ registrations }));
    return new DoctoredBridge(synapse, folder, ports, stack.move());
  }

  /** Puts all files as they were. */
  heal(): void {
    writeFileSync(this.config, this.kept.config);
    writeFileSync(this.registration, this.kept.registration);
    chmodSync(this.registration, 0o600);
    // As it was when Synapse read it.
    utimesSync(this.registration, new Date(0), new Date(0));
  }

  edit(file: "config" | "registration", from: string | RegExp, to: string): void {
    const text = readFileSync(this[file], "utf8");
    const edited = text.replace(from, to);
    expect(edited).not.toBe(text);
    writeFileSync(this[file], edited);
    utimesSync(this[file], new Date(0), new Date(0));
  }

  /** What `doctor` finds, link by link. */
  async examined(registration = this.registration): Promise<Readonly<Record<string, readonly Found[]>>> {
    const { status, out, err } = await runProgram([
      "doctor",
      "--json",
      "-c",
      this.config,
      "-r",
      registration,
    ]);
    expect(err).toBe("");
    const { ok, links } = JSON.parse(out) as {
      ok: boolean;
      links: readonly { link: string; findings: readonly Found[] }[];
    };
    expect(status).toBe(ok ? 0 : 1);
    return Object.fromEntries(links.map(({ link, findings }) => [link, findings]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
