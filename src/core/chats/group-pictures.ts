import { BridgeError } from "../model/errors.ts";
import type { MediaTools } from "../model/media.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { GroupPortal } from "../ports/rows.ts";
import type { ChatProfiles } from "./chat-profiles.ts";
import type { Connections } from "./connections.ts";
import type { Housed } from "./successions.ts";

interface GroupPicturesParts {
  readonly homeserver: Homeserver;
  readonly connections: Pick<Connections, "client">;
  readonly profiles: ChatProfiles;
  readonly tools: Pick<MediaTools, "inspect">;
}

/** Shows a group's own picture, or where it has none a drawn one, as its room's avatar. */
export class GroupPictures {
  readonly #parts: GroupPicturesParts;

  constructor(parts: GroupPicturesParts) {
    this.#parts = parts;
  }

  async show(group: GroupPortal & Housed, network: Network): Promise<void> {
    const { homeserver, profiles } = this.#parts;
    const url =
      group.avatar === "" ? await profiles.of(group, undefined, network).avatar() : await this.#bring(group);
    await homeserver.setState(homeserver.bot, group.room, "m.room.avatar", "", { url });
  }

  /** A picture of which the bytes say something else is not shown. */
  async #bring({ login, avatar }: GroupPortal): Promise<string> {
    const { homeserver, connections, tools } = this.#parts;
    const client = connections.client(login);
    if (!client?.openMedia) {
      const words = "The network that keeps the picture is not connected.";
      throw new BridgeError("remote-unreachable", { words, certain: true, retryAfter: 2_000 });
    }
    await using file = await client.openMedia(avatar);
    const { mimetype } = await tools.inspect(file, "image");
    if (!mimetype.startsWith("image/")) {
      throw new BridgeError("unsupported", { words: "The group's picture is no image.", certain: true });
    }
    const uri = await homeserver.reserveMedia(homeserver.bot);
    await homeserver.putMedia(homeserver.bot, uri, file, mimetype);
    return uri;
  }
}
