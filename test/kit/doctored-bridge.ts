import { chmodSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { writeDoublePuppetRegistration } from "../../src/matrix/registration/double-puppet-registration.ts";
import { buildRegistration, registrationYaml } from "../../src/matrix/registration/registration.ts";
import { examine } from "../../src/program/doctor/examine.ts";
import { linkJson } from "../../src/program/doctor/link.ts";
import { freePorts } from "../../tools/process/ports.ts";
import { runProgram } from "./program.ts";
import { TestSynapse } from "./synapse.ts";
import { temporaryFolder } from "./temporary-folder.ts";

type Found = ReturnType<typeof linkJson>["findings"][number];

/** A real Synapse and the files of a bridge beside it, for `doctor` to look at when a test has broken something. */
export class DoctoredBridge implements AsyncDisposable {
  readonly synapse: TestSynapse;
  readonly folder: string;
  readonly config: string;
  readonly registration: string;
  /** The second one. */
  readonly doublePuppet: string;
  /** The port the bridge listens on for Synapse. */
  readonly port: number;
  readonly kept: Readonly<Record<"config" | "registration" | "doublePuppet", string>>;
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
    this.doublePuppet = join(folder, "doublepuppet-registration.yaml");
    this.port = port;
    this.#stack = stack;
    this.kept = {
      registration: readFileSync(this.registration, "utf8"),
      doublePuppet: readFileSync(this.doublePuppet, "utf8"),
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
    const registrations = ["registration.yaml", "greedy.yaml", "doublepuppet-registration.yaml"].map((name) =>
      join(folder, name),
    );
    const [first = "", greedy = "", second = ""] = registrations;
    writeFileSync(first, registrationYaml(ours));
    writeFileSync(greedy, registrationYaml({ ...other, sender_localpart: "greedy", namespaces: claims }));
    await writeDoublePuppetRegistration(second, { id: "thirdpartychats", serverName: "localhost" });
    const synapse = stack.use(await TestSynapse.start({ registrations }));
    return new DoctoredBridge(synapse, folder, ports, stack.move());
  }

  /** Puts all files as they were. */
  heal(): void {
    writeFileSync(this.config, this.kept.config);
    writeFileSync(this.registration, this.kept.registration);
    writeFileSync(this.doublePuppet, this.kept.doublePuppet);
    // As they were when Synapse read them.
    for (const file of [this.registration, this.doublePuppet]) {
      chmodSync(file, 0o600);
      utimesSync(file, new Date(0), new Date(0));
    }
  }

  edit(file: "config" | "registration" | "doublePuppet", from: string | RegExp, to: string): void {
    const text = readFileSync(this[file], "utf8");
    const edited = text.replace(from, to);
    expect(edited).not.toBe(text);
    writeFileSync(this[file], edited);
    utimesSync(this[file], new Date(0), new Date(0));
  }

  /** What is found, link by link. */
  async examined(registration = this.registration): Promise<Readonly<Record<string, readonly Found[]>>> {
    const links: Record<string, readonly Found[]> = {};
    for await (const link of examine({ config: this.config, registration }))
      links[link.name] = linkJson(link).findings;
    return links;
  }

  /** The same from the program. */
  async toldByProgram(): Promise<Readonly<Record<string, readonly Found[]>>> {
    const words = ["doctor", "--json", "-c", this.config, "-r", this.registration];
    const { status, out, err } = await runProgram(words);
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
