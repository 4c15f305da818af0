import type { Access } from "./access.ts";
import type { Clock, Random } from "./clock.ts";
import type { CommandRunner } from "./command-runs.ts";
import type { CommandScene } from "./command-scene.ts";
import type { Homeserver, MatrixEncoder } from "./homeserver.ts";
import type { NetworkId } from "./ids.ts";
import type { Log } from "./log.ts";
import type { MediaTools } from "./media.ts";
import type { Metrics } from "./metrics.ts";
import type { Network } from "./network.ts";
import type { Puppets } from "./puppets.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Store } from "./store.ts";

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
  readonly commands: (scene: CommandScene) => CommandRunner;
}
