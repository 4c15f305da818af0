import type { Clock, Random } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { MediaTools } from "../../core/media.ts";
import type { Network } from "../../core/network.ts";
import type { Store } from "../../core/store.ts";
import type { NetworkSection } from "./config.ts";
import { InteropNetwork } from "./connector.ts";
import { JwtKeys } from "./jwt-keys.ts";
import type { IdentifierOf } from "./login.ts";
import { MediaHost } from "./media-host.ts";
import { messenger } from "./messenger.ts";
import { partnerRoutes } from "./partner-routes.ts";
import type { Profile } from "./profile.ts";
import { whatsapp } from "./whatsapp.ts";

export interface FamilyParts {
  /** This bridge's public address, without a slash at the end: `iss` of its tokens. */
  readonly issuer: string;
  readonly sections: Readonly<Partial<Record<"whatsapp" | "messenger", NetworkSection | undefined>>>;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly identifierOf: IdentifierOf;
  readonly tools: MediaTools;
  /** Where files of our people are kept, encrypted, for the networks to fetch, and how many days. */
  readonly media: { readonly folder: string; readonly keepDays: number };
  /** Ends transfers and requests that are under way. */
  readonly stopping?: AbortSignal | undefined;
}

const profiles: Readonly<Record<"whatsapp" | "messenger", Profile>> = { whatsapp, messenger };

export const metaInteropNames: readonly string[] = Object.values(profiles).map(({ name }) => name);

/** The gatekeeper's networks that are configured. They share this bridge's signing keys and its routes. */
export function metaInterop({ issuer, sections, media, ...shared }: FamilyParts): readonly Network[] {
  const configured = (["whatsapp", "messenger"] as const).flatMap((name) => {
    const section = sections[name];
    return section ? [{ profile: profiles[name], section }] : [];
  });
  const { store, clock, log } = shared;
  const keys = new JwtKeys(store, clock);
  const host = new MediaHost({ ...media, publicUrl: issuer, store, clock, log });
  const networks: InteropNetwork[] = [];
  const routes = [
    host.route,
    ...partnerRoutes({
      issuer,
      keys,
      gatekeepers: configured.map(({ section }) => section.url),
      wake: (gatekeeper, account) =>
        networks.some(
          (_, index) =>
            configured[index]?.section.url === gatekeeper && networks[index]?.wake(account) === true,
        ),
      clock,
      log,
    }),
  ];
  for (const one of configured)
    networks.push(new InteropNetwork({ ...shared, ...one, issuer, keys, routes, host }));
  return networks;
}
