import type { Connections } from "../chats/connections.ts";
import { BridgeError } from "../model/errors.ts";
import type { MessageId } from "../model/ids.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Network, Reported } from "../ports/network.ts";
import type { DirectPortal } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";

interface ReportsParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "event">;
  readonly connections: Connections;
}

interface About {
  readonly network: Network;
  readonly portal: DirectPortal;
}

/** Messages that are handed over at most. */
export const MOST_REPORTED = 5;

/** Reports of contacts to their network; a person sees what is handed over before it is. */
export class Reports {
  readonly #parts: ReportsParts;

  constructor(parts: ReportsParts) {
    this.#parts = parts;
  }

  /** The contact's last messages, oldest first, read from the homeserver, because the bridge keeps no text. */
  async messages(portal: DirectPortal): Promise<readonly Reported[]> {
    const { store, homeserver } = this.#parts;
    const reported: Reported[] = [];
    for (const { id, at, room, event } of await store.messages.newest(portal, portal.person, MOST_REPORTED)) {
      const shown = await homeserver.event(room, event);
      if (shown?.kind !== "message") continue;
      const text = shown.message.parts
        .map((part) => ("body" in part ? part.body.text : `(${part.kind})`))
        .join("\n");
      reported.push({ id, at, text });
    }
    return reported.toReversed();
  }

  /** Whether the network takes reports from the login now. */
  can({ login }: DirectPortal): boolean {
    return this.#parts.connections.client(login)?.report !== undefined;
  }

  /** Hands over these messages; all must be such as {@link messages} lists. Throws BridgeError. */
  async report({ network, portal }: About, messages: readonly Reported[]): Promise<void> {
    const client = this.#parts.connections.client(portal.login);
    if (!client?.report)
      throw new BridgeError(client ? "unsupported" : "remote-unreachable", {
        words: client
          ? `${network.name} takes no reports.`
          : `${network.name} is not connected, so nothing was reported. Try again when it is.`,
        certain: true,
      });
    await client.report(portal.person, messages);
  }

  /** Hands over the messages that the person was shown, by their ids. Throws BridgeError where one is gone. */
  async reportShown(about: About, shown: readonly MessageId[]): Promise<number> {
    const all = await this.messages(about.portal);
    const messages = all.filter(({ id }) => shown.includes(id));
    if (messages.length !== new Set(shown).size)
      throw new BridgeError("changed", {
        words:
          "What would be handed over is something else by now. Look at it again, and nothing was sent yet.",
        certain: true,
      });
    await this.report(about, messages);
    return messages.length;
  }
}
