import type { MediaTools } from "../../core/model/media.ts";
import type { Clock, Random } from "../../core/ports/clock.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Network } from "../../core/ports/network.ts";
import type { Store } from "../../core/ports/store.ts";
import type { NetworkFamily } from "../family.ts";
import type { IdentifierOf } from "./account/enlist.ts";
import { identifiersBy } from "./account/identifiers.ts";
import { JwtKeys } from "./account/jwt-keys.ts";
import { partnerRoutes } from "./account/partner-routes.ts";
import { type NetworkSection, networkSection, SHARED, sharedSection } from "./config.ts";
import { InteropNetwork } from "./connector.ts";
import { contradictions } from "./contradictions.ts";
import { examineNetworks } from "./examine.ts";
import { Residences } from "./login/residences.ts";
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
  /** The folder in which files are kept, encrypted, for the networks to fetch, and for how many days. */
  readonly media: { readonly folder: string; readonly keepDays: number };
  /** Ends transfers and requests that are under way. */
  readonly stopping?: AbortSignal | undefined;
}

const profiles: Readonly<Record<"whatsapp" | "messenger", Profile>> = { whatsapp, messenger };

function configuredOf(sections: FamilyParts["sections"]) {
  return (["whatsapp", "messenger"] as const).flatMap((name) => {
    const section = sections[name];
    return section ? [{ profile: profiles[name], section }] : [];
  });
}

/** The gatekeeper's networks that are configured. They share this bridge's signing keys and its routes. */
export function metaInterop({ issuer, sections, media, ...shared }: FamilyParts): readonly Network[] {
  const configured = configuredOf(sections);
  const { store, clock, log } = shared;
  const keys = new JwtKeys(store, clock);
  const host = new MediaHost({ ...media, publicUrl: issuer, store, clock, log });
  const residences = new Residences({ store, clock, networks: configured.map(({ profile }) => profile.id) });
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
    networks.push(new InteropNetwork({ ...shared, ...one, issuer, keys, routes, host, residences }));
  return networks;
}

const sections = {
  meta_interop: sharedSection.optional(),
  whatsapp: networkSection.optional(),
  messenger: networkSection.optional(),
};

/** WhatsApp's and Messenger's chats for third parties, as the registry lists them. */
export const metaInteropFamily = {
  sections,
  shared: "meta_interop",
  networks: Object.values(profiles).map(({ id, name }) => ({ id, name })),
  moved: [
    { from: ["partner"], to: [...SHARED, "partner"] },
    { from: ["identifiers"], to: [...SHARED, "identifiers"] },
  ],
  contradictions: ({ meta_interop: shared }, context) => (shared ? contradictions(shared, context) : []),
  build({ meta_interop: shared, ...own }, needs) {
    if (shared === undefined) return { networks: [] };
    const { partner, identifiers } = shared;
    return {
      networks: metaInterop({
        ...needs,
        issuer: partner.url,
        sections: own,
        identifierOf: identifiersBy({ type: partner.identifier, vouched: identifiers }),
      }),
      listener: { listen: partner.listen, proxies: partner.proxies },
    };
  },
  async *examine({ meta_interop: shared, ...own }, needs) {
    if (shared === undefined) return;
    const { partner } = shared;
    const networks = configuredOf(own).map(({ profile, section }) => ({ ...section, profile }));
    yield* examineNetworks({ partner, networks }, needs);
  },
} satisfies NetworkFamily<typeof sections>;
