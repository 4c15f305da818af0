import type { BuildParts } from "./bridge-parts.ts";
import type { Archives } from "./chats/archives.ts";
import { Connections } from "./chats/connections.ts";
import type { DeliveryStatus } from "./delivery/delivery-status.ts";
import type { MessageStatuses } from "./delivery/message-statuses.ts";
import { UnreachedMembers } from "./delivery/unreached-members.ts";
import type { UnstorableEvents } from "./delivery/unstorable-events.ts";
import type { Expiries } from "./expiries/expiries.ts";
import { ClosedAccounts } from "./logins/closed-accounts.ts";
import { ConnectionEvents } from "./logins/connection-events.ts";
import { Erasures } from "./logins/erasures.ts";
import { LoginProcesses } from "./logins/login-processes.ts";
import { Logins } from "./logins/logins.ts";
import { NetworkWatch } from "./logins/network-watch.ts";
import { OutageNotices } from "./logins/outage-notices.ts";
import type { Notices } from "./management/notices.ts";
import type { QuietChats } from "./people/quiet-chats.ts";
import type { Login } from "./ports/rows.ts";
import { networkInboxIntake } from "./to-matrix/network-inbox-intake.ts";
import { Receipts } from "./to-matrix/receipts.ts";

interface BuildLoginsParts extends BuildParts {
  readonly notices: Notices;
  readonly expiries: Expiries;
  readonly archives: Archives;
  readonly delivery: DeliveryStatus;
  readonly statuses: MessageStatuses;
  readonly unstorable: UnstorableEvents;
  readonly quiet: Pick<QuietChats, "over">;
}

/** Builds people's logins, their connections, and what people are told of both. */
export function buildLogins(parts: BuildLoginsParts) {
  const { homeserver, notices, lanes } = parts;
  const resumeLanes = ({ id }: Login): void => lanes.connected(id);
  const watch = new NetworkWatch(parts);
  const outages = new OutageNotices({ ...parts, tell: notices.tell });
  const receipts = new Receipts(parts);
  const unreached = new UnreachedMembers(parts);
  const connectionEvents = new ConnectionEvents({
    ...parts,
    bot: homeserver.bot,
    resumeLanes,
    watch,
    outages,
    tell: notices.tellSoon,
  });
  const connections = new Connections({
    ...parts,
    stopped(login) {
      watch.forget(login);
      outages.forget(login);
    },
    sinkOf: (login, network) =>
      networkInboxIntake(
        {
          ...parts,
          receipt: (...receipt) => receipts.receipt(...receipt),
          signal: (...signal) => receipts.signal(...signal),
          wrote: (...message) => receipts.wrote(...message),
          unreached: (...members) => unreached.tell(...members),
          tell: notices.tell,
          capabilities: (...changed) => connectionEvents.capabilities(...changed),
          state: (...state) => connectionEvents.state(...state),
          ended: (...ended) => connectionEvents.ended(...ended),
          resumed: (...resumed) => connectionEvents.resumed(...resumed),
        },
        login,
        network,
      ),
  });
  const logins = new Logins({ ...parts, connections, connectionEvents, resumeLanes, watch });
  const processes = new LoginProcesses({ ...parts, logins });
  const erasures = new Erasures({ ...parts, logins });
  const closedAccounts = new ClosedAccounts({
    ...parts,
    logins,
    erasures,
    tell: notices.tellSoon,
  });
  return { watch, outages, connections, logins, processes, closedAccounts, erasures };
}
