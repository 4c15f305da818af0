import type { CommandScope } from "./command-scope.ts";
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
import type { Store } from "./ports/store.ts";
import type { OutboxRows } from "./runtime/outbox-rows.ts";
import type { QueueLanes } from "./runtime/queue-lanes.ts";

/** What the bridge is made of. */
export interface BridgeParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly encoder: MatrixEncoder;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  /** How contacts are shown, with `{name}` and `{network}`. */
  readonly contactName: string;
  /** Names of all networks there could be, which no contact may take for theirs. */
  readonly networkNames: readonly string[];
  readonly botName: string;
  readonly access: Access;
  readonly tools: MediaTools;
  readonly puppets: Puppets;
  readonly clock: Clock;
  /** Shares out the turns of the event loop. */
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The commands of the management room, made of what they may use. */
  readonly commands: (scope: CommandScope) => CommandRunner;
}

/** What each `build-*.ts` is given: the bridge's parts, with the store that wakes lanes in place of the plain one. */
export interface BuildParts extends BridgeParts {
  readonly lanes: QueueLanes;
  readonly outbox: OutboxRows;
}
