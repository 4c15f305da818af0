import type { Capabilities } from "./capabilities.ts";
import type { Clock } from "./clock.ts";
import type { Outgoing, RemoteEvent, RemoteReceipt, RemoteSignal } from "./events.ts";
import type { ChatId, MessageId } from "./ids.ts";
import type { ConnectionState, Ended, Network, RemoteSink } from "./network.ts";
import type { Login } from "./rows.ts";
import type { Store, Writes } from "./store.ts";

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly receipt: (login: Login, network: Network, receipt: RemoteReceipt) => Promise<void>;
  readonly signal: (login: Login, network: Network, signal: RemoteSignal) => void;
  readonly capabilities: (login: Login, network: Network, granted: Capabilities) => void;
  readonly state: (login: Login, network: Network, state: ConnectionState) => void;
  readonly ended: (login: Login, network: Network, what: Ended) => Promise<void>;
  readonly resumed: (login: Login, network: Network) => Promise<void>;
}

/** Where a login's connection hands over what the network sent: stored first, handled after. */
export function remoteIntake(parts: Parts, login: Login, network: Network): RemoteSink {
  const { store, clock } = parts;
  return {
    async accept(events: readonly RemoteEvent[], record: (tx: Writes) => void) {
      const at = clock.now();
      await store.write((tx) => {
        record(tx);
        for (const event of events) tx.netInbox.take(login.id, event, at);
      });
    },
    receipt: (receipt) => parts.receipt(login, network, receipt),
    signal: (signal) => parts.signal(login, network, signal),
    async again(chat: ChatId, id: MessageId): Promise<Outgoing | undefined> {
      return (await store.netOutbox.byRemote({ login: login.id, chat }, id))?.outgoing;
    },
    capabilities: (granted) => parts.capabilities(login, network, granted),
    state: (state) => parts.state(login, network, state),
    ended: (what) => parts.ended(login, network, what),
    resumed: () => parts.resumed(login, network),
  };
}
