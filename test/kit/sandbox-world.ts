/** A sandbox in this process with a third party that may use it. */
import { checkConfig } from "../../src/sandbox/config.ts";
import type { Logger } from "../../src/sandbox/logger.ts";
import { type Gatekeeper, startGatekeeper } from "../../src/sandbox/server.ts";
import { ChatClient } from "./chat-client.ts";
import { EncryptedUser } from "./encrypted-user.ts";
import { SandboxClient, type SandboxNetwork } from "./sandbox-client.ts";
import { ThirdParty } from "./third-party.ts";

export class SandboxWorld implements AsyncDisposable {
  readonly party: ThirdParty;
  readonly gatekeeper: Gatekeeper;
  readonly client: SandboxClient;
  /** What the sandbox logged as a fault of its own. */
  readonly errors: readonly string[];

  static async start(
    data = ":memory:",
    party?: ThirdParty,
    mediaHosts: readonly string[] = [],
  ): Promise<SandboxWorld> {
    const trusted = party ?? (await ThirdParty.start());
    const config = checkConfig({
      data,
      integrators: [
        {
          id: 12,
          name: "Ours",
          iss: trusted.iss,
          identifier_type: "username",
          push_url: trusted.iss,
          media_hosts: mediaHosts,
        },
        { id: 13, name: "Another", iss: "http://127.0.0.1:9", identifier_type: "pn" },
      ],
    });
    const errors: string[] = [];
    const nothing = (): void => undefined;
    const error = (message: string, fields?: Readonly<Record<string, unknown>>): void =>
      void errors.push(`${message} ${JSON.stringify(fields)}`);
    const log: Logger = { error, warn: nothing, info: nothing, debug: nothing };
    return new SandboxWorld(trusted, await startGatekeeper(config, log), errors);
  }

  private constructor(party: ThirdParty, gatekeeper: Gatekeeper, errors: readonly string[]) {
    this.errors = errors;
    this.party = party;
    this.gatekeeper = gatekeeper;
    this.client = new SandboxClient(gatekeeper.url);
  }

  network(name: "whatsapp" | "messenger"): SandboxNetwork {
    const found = this.gatekeeper.networks[name];
    if (found === undefined) throw new Error("no such network");
    return found;
  }

  /** Somebody enlisted, connected and with keys uploaded. */
  async user(
    sub: string,
    name: "whatsapp" | "messenger" = "whatsapp",
  ): Promise<{ user: EncryptedUser; chat: ChatClient }> {
    const login = await this.party.enlist(this.network(name), sub);
    const user = new EncryptedUser(login);
    const chat = await ChatClient.connect(this.party, login);
    await user.upload(chat);
    return { user, chat };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gatekeeper[Symbol.asyncDispose]();
    await this.party[Symbol.asyncDispose]();
  }
}
