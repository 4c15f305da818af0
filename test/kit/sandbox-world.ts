/** A sandbox in this process with a third party that may use it. */
import { checkConfig } from "../../src/sandbox/config.ts";
import { type Gatekeeper, startGatekeeper } from "../../src/sandbox/gatekeeper.ts";
import type { Logger } from "../../src/sandbox/logger.ts";
import { ChatClient } from "./chat-client.ts";
import { EncryptedUser } from "./encrypted-user.ts";
import { SandboxClient, type SandboxNetwork } from "./sandbox-client.ts";
import { ThirdParty } from "./third-party.ts";

const silent: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};

/** Only what is a fault of ours is shown. */
const quiet: Logger = { ...silent, error: (message, fields) => console.error(message, fields) };

export class SandboxWorld implements AsyncDisposable {
  readonly party: ThirdParty;
  readonly gatekeeper: Gatekeeper;
  readonly client: SandboxClient;

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
    return new SandboxWorld(trusted, await startGatekeeper(config, quiet));
  }

  constructor(party: ThirdParty, gatekeeper: Gatekeeper) {
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
