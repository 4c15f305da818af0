import { Avatars } from "./avatars.ts";
import { botProfile } from "./bot-profile.ts";
import { ContactNames } from "./contact-names.ts";
import { Ghosts } from "./ghosts.ts";
import type { Homeserver } from "./homeserver.ts";
import type { NetworkId } from "./ids.ts";
import type { Log } from "./log.ts";
import type { MediaTools } from "./media.ts";
import type { Network } from "./network.ts";
import type { Outbox } from "./outbox.ts";
import type { Store } from "./store.ts";

interface ProfileParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly outbox: Outbox;
  readonly tools: MediaTools;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  /** How contacts are named: a template with `{name}` and `{network}`. */
  readonly contactName: string;
  /** Names of all networks there could be. */
  readonly networkNames: readonly string[];
  readonly botName: string;
  readonly log: Log;
}

/** How the bot and the contacts are shown. */
export async function buildProfiles(parts: ProfileParts) {
  const { store, homeserver, outbox, tools, networks, log, botName } = parts;
  const names = new ContactNames({ template: parts.contactName, networks: parts.networkNames, bot: botName });
  const avatars = new Avatars({ store, homeserver, tools });
  const ghosts = await Ghosts.load({ store, homeserver, outbox, names, avatars, networks, log });
  return { avatars, ghosts, names, dressBot: botProfile({ homeserver, avatars, name: botName, log }) };
}
