import type { z } from "zod";
import type { ListenAddress } from "../config/listen.ts";
import type { MovedKey } from "../config/moved-keys.ts";
import type { Found, NameOf } from "../config/problems.ts";
import type { MediaTools } from "../core/model/media.ts";
import type { Clock, Random } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Network } from "../core/ports/network.ts";
import type { Store } from "../core/ports/store.ts";

/** What every family is given. */
export interface FamilyNeeds {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly tools: MediaTools;
  /** Where what networks may fetch is kept, the family's own, and for how many days. */
  readonly media: { readonly folder: string; readonly keepDays: number };
  readonly log: Log;
  /** Ends transfers and requests that are under way. */
  readonly stopping: AbortSignal;
}

/** A family's networks as they are configured. */
export interface FamilyNetworks {
  readonly networks: readonly Network[];
  /** Where the networks' servers reach ours, for the routes of these networks; absent where they never do. */
  readonly listener?: { readonly listen: ListenAddress; readonly proxies: readonly string[] };
}

/** The sections of the configuration under `networks`: one a network, under its id, and what they share. */
type Sections = Readonly<Record<string, z.ZodType>>;

/** Networks that one connector speaks to. */
export interface NetworkFamily<Own extends Sections = Sections> {
  readonly sections: Own;
  /** All it can offer, configured or not: ids, and names as people write them. */
  readonly networks: readonly { readonly id: string; readonly name: string }[];
  /** Keys of its sections that had another place, with `networks` in front. */
  readonly moved: readonly MovedKey[];
  /** What no single value shows. */
  contradictions(
    own: ConfiguredSections<Own>,
    context: { readonly serverName: string; readonly nameOf: NameOf },
  ): readonly Found[];
  build(own: ConfiguredSections<Own>, needs: FamilyNeeds): FamilyNetworks;
}

type ConfiguredSections<Own extends Sections> = z.output<z.ZodObject<Own>>;
