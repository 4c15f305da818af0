import { BridgeError } from "../../model/errors.ts";
import type { MediaTools } from "../../model/media.ts";
import type { Homeserver } from "../../ports/homeserver.ts";
import type { Network } from "../../ports/network.ts";
import type { GroupPortal } from "../../ports/rows.ts";
import type { ChatProfiles } from "../chat-profiles.ts";
import type { Connections } from "../connections.ts";
import type { PortalWithRoom } from "../successions.ts";
import { type OwnWrites, PICTURE } from "./own-writes.ts";

interface GroupPicturesParts {
  readonly homeserver: Homeserver;
  readonly connections: Pick<Connections, "client">;
  readonly profiles: ChatProfiles;
  readonly ownWrites: Pick<OwnWrites, "sets">;
  readonly tools: Pick<MediaTools, "inspect">;
}

/** Sets the avatar of a group's room: the group's own picture, or else a drawn one. */
export class GroupPictures {
  readonly #parts: GroupPicturesParts;

  constructor(parts: GroupPicturesParts) {
    this.#parts = parts;
  }

  async show(group: GroupPortal & PortalWithRoom, network: Network): Promise<void> {
    const { homeserver, profiles, ownWrites } = this.#parts;
    const url =
      group.avatar === "" ? await profiles.of(group, undefined, network).avatar() : await this.#upload(group);
    ownWrites.sets(group.room, PICTURE, url);
    await homeserver.setState(homeserver.bot, group.room, "m.room.avatar", "", { url });
  }

  /** Uploads the group's picture; refuses one whose bytes are no image. */
  async #upload({ login, avatar }: GroupPortal): Promise<string> {
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
