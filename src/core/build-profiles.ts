import type { BuildParts } from "./bridge-parts.ts";
import { Avatars } from "./chats/avatars.ts";
import { botProfile } from "./chats/bot-profile.ts";
import { ChatProfiles } from "./chats/chat-profiles.ts";
import { ContactNames } from "./chats/contact-names.ts";
import { Ghosts } from "./chats/ghosts.ts";
import { ProfileRefresh } from "./chats/profile-refresh.ts";

/** Builds the names and avatars of the bot and the contacts. */
export async function buildProfiles(parts: BuildParts) {
  const { homeserver, log, botName } = parts;
  const names = new ContactNames({ template: parts.contactName, networks: parts.networkNames, bot: botName });
  const avatars = new Avatars(parts);
  const ghosts = await Ghosts.load({ ...parts, names, avatars });
  return {
    avatars,
    ghosts,
    names,
    profiles: new ChatProfiles({ ghosts, names, avatars }),
    refresh: new ProfileRefresh({ ...parts, ghosts }),
    setBotProfile: botProfile({ homeserver, avatars, name: botName, log }),
  };
}
