import type { Config } from "../config/schema.ts";
import type { MediaTools } from "../core/model/media.ts";
import type { Clock, Random } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Network } from "../core/ports/network.ts";
import type { Store } from "../core/ports/store.ts";
import { identifiersBy } from "./meta-interop/account/identifiers.ts";
import { networkSection } from "./meta-interop/config.ts";
import { metaInterop, metaInteropNames } from "./meta-interop/family.ts";

/** Each network's own section of the configuration, under its name. */
export const networkSections = { whatsapp: networkSection, messenger: networkSection } as const;

/** All networks as people write them, configured or not. */
export const networkNames: readonly string[] = metaInteropNames;

/** The whole configuration, with these networks' sections in it. */
export type BridgeConfig = Config<typeof networkSections>;

type NetworkSettings = Pick<BridgeConfig, "partner" | "identifiers" | "networks">;

/** What every network is given. */
export interface NetworkNeeds {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly tools: MediaTools;
  /** Where what networks may fetch is kept, the network family's own, and for how many days. */
  readonly media: { readonly folder: string; readonly keepDays: number };
  readonly log: Log;
  /** Ends transfers and requests that are under way. */
  readonly stopping: AbortSignal;
}

/** The networks that are configured. Adding a family of networks is a line here and a line above. */
export function configuredNetworks(settings: NetworkSettings, needs: NetworkNeeds): readonly Network[] {
  const { partner, identifiers, networks } = settings;
  return metaInterop({
    ...needs,
    issuer: partner.url,
    sections: networks,
    identifierOf: identifiersBy({ type: partner.identifier, vouched: identifiers }),
  });
}
