import type { Clock } from "../../../core/ports/clock.ts";
import type { SignalServers } from "../servers.ts";
import { SharedNet } from "../service/shared-net.ts";
import { PortWatch } from "./port-watch.ts";
import { SharedChat } from "./shared-chat.ts";

/** What all logins share of the way to Signal's servers. */
export class ServerAccess implements AsyncDisposable {
  readonly net: SharedNet;
  readonly anonymous: SharedChat;
  readonly port: PortWatch;
  /** Of the chat server, for the administrator. */
  readonly address: string;

  constructor(servers: Pick<SignalServers, "net" | "chat">, clock: Pick<Clock, "after">) {
    this.net = new SharedNet(servers);
    this.anonymous = new SharedChat(this.net, clock);
    this.port = new PortWatch(servers.chat, clock);
    const { host, port } = servers.chat;
    this.address = `https://${host}:${port}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.anonymous[Symbol.asyncDispose]();
  }
}
