import type { CommandScope } from "./command-scope.ts";
import type { StatusChoice } from "./delivery/message-statuses.ts";
import type { CommandRunner } from "./management/command-runs.ts";
import type { NetworkId } from "./model/ids.ts";
import type { MediaTools } from "./model/media.ts";
import type { Access } from "./ports/access.ts";
import type { Clock, Random } from "./ports/clock.ts";
import type { Puppets } from "./ports/double-puppets.ts";
import type { Homeserver, MatrixEncoder } from "./ports/homeserver.ts";
import type { Log } from "./ports/log.ts";
import type { Metrics } from "./ports/metrics.ts";
import type { Network } from "./ports/network.ts";
import type { Scheduler } from "./ports/scheduler.ts";
import type { SettingsPage } from "./ports/settings-page.ts";
import type { Store } from "./ports/store.ts";
import type { OutboxRows } from "./runtime/outbox-rows.ts";
import type { QueueLanes } from "./runtime/queue-lanes.ts";

/** What the bridge is built of. */
export interface BridgeParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly encoder: MatrixEncoder;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  /** How contacts are shown, with `{name}` and `{network}`. */
  readonly contactName: string;
  /** The names of all networks, configured or not, which no contact may use as their own. */
  readonly networkNames: readonly string[];
  readonly botName: string;
  /** Whose links the bot gives; absent where there is none. */
  readonly settingsPage?: SettingsPage;
  /** To whom statuses of messages are shown who chose nothing. */
  readonly statusChoice: StatusChoice;
  readonly access: Access;
  readonly tools: MediaTools;
  readonly puppets: Puppets;
  readonly clock: Clock;
  /** Lets long work yield to the event loop. */
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Makes the commands of the management room. */
  readonly commands: (scope: CommandScope) => CommandRunner;
}

/** What each `build-*.ts` is built of: the bridge's parts, with a store that wakes the lanes. */
export interface BuildParts extends BridgeParts {
  readonly lanes: QueueLanes;
  readonly outbox: OutboxRows;
}
