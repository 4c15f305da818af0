import { Avatars } from "./chats/avatars.ts";
import { botProfile } from "./chats/bot-profile.ts";
import { ContactNames } from "./chats/contact-names.ts";
import { Ghosts } from "./chats/ghosts.ts";
import type { NetworkId } from "./model/ids.ts";
import type { MediaTools } from "./model/media.ts";
import type { Homeserver } from "./ports/homeserver.ts";
import type { Log } from "./ports/log.ts";
import type { Network } from "./ports/network.ts";
import type { Store } from "./ports/store.ts";
import type { Outbox } from "./runtime/outbox-rows.ts";

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
