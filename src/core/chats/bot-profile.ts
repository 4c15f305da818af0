import { BridgeError } from "../model/errors.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Avatars } from "./avatars.ts";

interface BotProfileParts {
  readonly homeserver: Homeserver;
  readonly avatars: Avatars;
  readonly name: string;
  readonly log: Log;
}

/** Sets the bot's name and avatar. Throws BridgeError where the name cannot be set; without an avatar it goes on. */
export function botProfile({ homeserver, avatars, name, log }: BotProfileParts): () => Promise<void> {
  const { bot } = homeserver;
  return async () => {
    await homeserver.setDisplayName(bot, name);
    try {
      await homeserver.setAvatar(bot, await avatars.own().uri());
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      log.warn("the bot gets no avatar", faultOf(error));
    }
  };
}
