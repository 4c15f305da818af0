import { join } from "node:path";
import { MatrixClient } from "../../tools/matrix/client.ts";
import { processEnvironment } from "../../tools/process/environment.ts";
import { answers, ManagedProcess } from "../../tools/process/managed-process.ts";
import { freePorts } from "../../tools/process/ports.ts";
import { installSynapse } from "../../tools/synapse/install.ts";
import { registerUser } from "../../tools/synapse/register.ts";
import { synapseCommand, writeSynapse } from "../../tools/synapse/synapse.ts";
import { type SynapseAdmin, synapseAdmin } from "./synapse-admin.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export interface TestSynapseOptions {
  /** Paths of appservice registrations. */
  readonly registrations?: readonly string[];
  /** Further keys of homeserver.yaml, which replace the test's; an undefined one leaves out the test's. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

const secret = "shared-secret-of-a-test";

/** A Synapse in a temporary folder, on a port of its own. */
export class TestSynapse implements AsyncDisposable {
  readonly url: string;
  readonly serverName = "localhost";
  /** Its homeserver.yaml. */
  readonly config: string;
  readonly process: ManagedProcess;
  readonly #stack: AsyncDisposableStack;
  #administrator: Promise<SynapseAdmin> | undefined;

  private constructor(url: string, config: string, server: ManagedProcess, stack: AsyncDisposableStack) {
    this.url = url;
    this.config = config;
    this.process = server;
    this.#stack = stack;
  }

  static async start({ registrations = [], extra = {} }: TestSynapseOptions = {}): Promise<TestSynapse> {
    await using stack = new AsyncDisposableStack();
    const { path: folder } = stack.use(temporaryFolder());
    const [port = 0] = await freePorts(1);
    const python = await installSynapse(() => undefined);
    const keys = { registrationSharedSecret: secret, macaroonSecret: secret };
    const logFile = join(folder, "synapse.log");
    writeSynapse({ folder, logFile, serverName: "localhost", port, registrations, extra, ...keys });
    const command = synapseCommand(python, folder, folder, processEnvironment());
    const server = stack.use(new ManagedProcess("Synapse", command, logFile));
    const url = `http://127.0.0.1:${port}`;
    server.start();
    await server.ready(answers(`${url}/_matrix/client/versions`), 120);
    return new TestSynapse(url, join(folder, "homeserver.yaml"), server, stack.move());
  }

  /** Starts it again after `process.kill` or `process.stop`. */
  async launch(): Promise<void> {
    this.process.start();
    await this.process.ready(answers(`${this.url}/_matrix/client/versions`), 120);
  }

  /** A person who is registered, logged in and syncing. */
  async person(localpart: string): Promise<MatrixClient> {
    await registerUser(this.url, secret, { localpart, password: "password" });
    return this.#stack.use(
      await MatrixClient.login({ homeserver: this.url, user: localpart, password: "password" }),
    );
  }

  /** Its administrator, registered at the first call. */
  admin(): Promise<SynapseAdmin> {
    this.#administrator ??= synapseAdmin(this.url, secret);
    return this.#administrator;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
