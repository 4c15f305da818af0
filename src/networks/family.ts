import type { z } from "zod";
import type { ListenAddress } from "../config/listen.ts";
import type { MovedKey } from "../config/moved-keys.ts";
import type { Found, NameOf } from "../config/problems.ts";
import type { MediaTools } from "../core/model/media.ts";
import type { Clock, Random } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Network } from "../core/ports/network.ts";
import type { Store } from "../core/ports/store.ts";

/** What every family is built with. */
export interface FamilyNeeds {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly tools: MediaTools;
  /** The folder of this family's files that networks may fetch, and how many days they are kept. */
  readonly media: { readonly folder: string; readonly keepDays: number };
  readonly log: Log;
  /** Ends transfers and requests that are under way. */
  readonly stopping: AbortSignal;
}

/** A family's networks as they are configured. */
export interface FamilyNetworks {
  readonly networks: readonly Network[];
  /** The listener through which the networks' servers reach these networks' routes; absent where none do. */
  readonly listener?: { readonly listen: ListenAddress; readonly proxies: readonly string[] };
}

/** The sections of the configuration under `networks`: one a network, under its id, and what they share. */
type Sections = Readonly<Record<string, z.ZodType>>;

/** Networks that one connector speaks to. */
export interface NetworkFamily<Own extends Sections = Sections> {
  readonly sections: Own;
  /** The networks it can offer, configured or not, with their ids and their names as people write them. */
  readonly networks: readonly { readonly id: string; readonly name: string }[];
  /** Keys of its sections that stood elsewhere before, as full paths. */
  readonly moved: readonly MovedKey[];
  /** Finds values that contradict each other. */
  contradictions(
    own: ConfiguredSections<Own>,
    context: { readonly serverName: string; readonly nameOf: NameOf },
  ): readonly Found[];
  build(own: ConfiguredSections<Own>, needs: FamilyNeeds): FamilyNetworks;
}

type ConfiguredSections<Own extends Sections> = z.output<z.ZodObject<Own>>;
