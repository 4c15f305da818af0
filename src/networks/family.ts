import type { z } from "zod";
import type { ListenAddress } from "../config/listen.ts";
import type { MovedKey } from "../config/moved-keys.ts";
import type { Found, NameOf } from "../config/problems.ts";
import type { UserId } from "../core/model/ids.ts";
import type { MediaTools } from "../core/model/media.ts";
import type { Clock, Random } from "../core/ports/clock.ts";
import type { HttpRoute } from "../core/ports/http-route.ts";
import type { Log } from "../core/ports/log.ts";
import type { Network } from "../core/ports/network.ts";
import type { Login } from "../core/ports/rows.ts";
import type { RecordReads, Store } from "../core/ports/store.ts";

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

/** What a family can see and do while it looks at its networks, beside the running bridge or without it. */
export interface ExamineNeeds {
  /** What the bridge has stored; nothing where it was never started. */
  readonly records: Pick<RecordReads, "get">;
  /** The logins of this family's networks. */
  readonly logins: readonly Login[];
  /** The bridge's own account, for a trial with somebody who is nobody. */
  readonly bot: UserId;
  readonly clock: Clock;
  readonly random: Random;
  /**
   * Answers these routes at an address of the bridge's until it is disposed, where nobody listens there; `isOurs` is false
   * where somebody does, which may be the bridge. Throws what the system says where it cannot be listened on.
   */
  readonly standIn: (
    listen: ListenAddress,
    routes: readonly HttpRoute[],
  ) => Promise<AsyncDisposable & { readonly isOurs: boolean }>;
}

/** What was found of a link between the bridge and a network. */
export type NetworkFinding =
  /** In order; in order and worth knowing; not tried, with why. */
  | { readonly kind: "good" | "note" | "untried"; readonly what: string }
  | {
      readonly kind: "bad";
      /** Where in the configuration what is wrong most likely stands, or what it is about. */
      readonly path: readonly string[];
      readonly what: string;
      readonly cure: string;
    };

/** A link between the bridge and a network, or all of a family's. */
export interface ExaminedLink {
  readonly name: string;
  readonly findings: readonly NetworkFinding[];
}

/** The sections of the configuration under `networks`: one a network, under its id, and what they share. */
type Sections = Readonly<Record<string, z.ZodType>>;

/** Networks that one connector speaks to. */
export interface NetworkFamily<Own extends Sections = Sections> {
  readonly sections: Own;
  /** The section that its networks share: needed where one of them is configured, or no network at all. */
  readonly shared?: keyof Own & string;
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
  /** Tries each link between the bridge and its networks, in order; it leaves nothing behind. */
  examine(own: ConfiguredSections<Own>, needs: ExamineNeeds): AsyncIterable<ExaminedLink>;
}

type ConfiguredSections<Own extends Sections> = z.output<z.ZodObject<Own>>;
