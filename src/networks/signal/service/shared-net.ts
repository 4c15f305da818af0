import { Net } from "@signalapp/libsignal-client";
import type { SignalServers } from "../servers.ts";

/** How this bridge names itself to Signal's servers. */
export const USER_AGENT = "third-party-chats";

/**
 * libsignal's `Net`, one for all logins: it has threads, and remembers how the server was reached last. It opens
 * nothing before it is asked to.
 */
export class SharedNet {
  readonly #servers: Pick<SignalServers, "net">;
  #net: Net.Net | undefined;

  constructor(servers: Pick<SignalServers, "net">) {
    this.#servers = servers;
  }

  get net(): Net.Net {
    this.#net ??= new Net.Net({ ...this.#servers.net, userAgent: USER_AGENT });
    return this.#net;
  }

  /**
   * Called when a `Net` could not connect. It makes whoever asks it next wait, for longer each time and whatever is told
   * it, so the next try is by another one. Connections that the former has open stay.
   */
  failed(net: Net.Net): void {
    if (this.#net === net) this.#net = undefined;
  }
}
