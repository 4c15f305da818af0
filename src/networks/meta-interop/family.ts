import type { MediaTools } from "../../core/model/media.ts";
import type { Clock, Random } from "../../core/ports/clock.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Network } from "../../core/ports/network.ts";
import type { Store } from "../../core/ports/store.ts";
import { JwtKeys } from "./account/jwt-keys.ts";
import type { IdentifierOf } from "./account/login.ts";
import { partnerRoutes } from "./account/partner-routes.ts";
import type { NetworkSection } from "./config.ts";
import { InteropNetwork } from "./connector.ts";
import { MediaHost } from "./media/media-host.ts";
import { messenger } from "./messenger.ts";
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
