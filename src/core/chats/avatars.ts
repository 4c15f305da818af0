import { initialsOf } from "../model/initials.ts";
import { type AvatarLook, fileOf, type MediaFile, type MediaTools } from "../model/media.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { Store, Writes } from "../ports/store.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";

/** Forgets the addresses of avatars, which a homeserver restored from an older copy may have lost. */
export const forgetUploaded = (tx: Writes): void => tx.records.clear(UPLOADED_SCOPE);

/** The scope of the addresses of avatars, by how they look, or by what is in the file. */
const UPLOADED_SCOPE = "avatar";
/** The colour of what belongs to no network. */
const BOT_COLOUR = "#5b5f97";

interface AvatarsParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot" | "reserveMedia" | "putMedia">;
  readonly tools: Pick<MediaTools, "avatar" | "digest">;
}

/** An avatar: a key for its look, and its address at the homeserver, where it is uploaded when first asked for. */
export interface Avatar {
  readonly key: string;
  uri(): Promise<string>;
}

/** Draws avatars for those who have no picture, and uploads the others'; people who look the same share one upload. */
export class Avatars {
  readonly #parts: AvatarsParts;
  readonly #serial = new SerialByKey();

  constructor(parts: AvatarsParts) {
    this.#parts = parts;
  }

  ofPerson(name: string, { colour }: Pick<Network, "colour">): Avatar {
    return this.#avatarOf({ colour, initials: initialsOf(name), shape: "person" });
  }

  /** The avatar of a group without a picture, or whose picture is not uploaded yet. */
  ofGroup(name: string, { colour }: Pick<Network, "colour">): Avatar {
    return this.#avatarOf({ colour, initials: initialsOf(name), shape: "chats" });
  }

  ofNetwork({ name, colour }: Pick<Network, "name" | "colour">): Avatar {
    return this.#avatarOf({ colour, initials: initialsOf(name)?.slice(0, 1), shape: "chats" });
  }

  /** The avatar of the bot and of the top Space. */
  own(): Avatar {
    return this.#avatarOf({ colour: BOT_COLOUR, initials: undefined, shape: "chats" });
  }

  /** The address of somebody's own picture, which is uploaded once, whoever shows it. */
  async ofFile(file: MediaFile, mimetype: string): Promise<string> {
    const { store, homeserver, tools } = this.#parts;
    const name = `sha256 ${await tools.digest(file)}`;
    return this.#serial.run(name, async () => {
      const stored = await store.records.get(UPLOADED_SCOPE, name);
      if (stored !== undefined) return stored;
      const uri = await homeserver.reserveMedia(homeserver.bot);
      await homeserver.putMedia(homeserver.bot, uri, file, mimetype);
      await store.write((tx) => tx.records.set(UPLOADED_SCOPE, name, uri));
      return uri;
    });
  }

  /** Forgets an avatar that the homeserver may have lost, so that it is uploaded again. */
  async forget({ key }: Avatar): Promise<void> {
    await this.#parts.store.write((tx) => tx.records.remove(UPLOADED_SCOPE, key));
  }

  #avatarOf(look: AvatarLook): Avatar {
    const key = [look.colour, look.initials ?? look.shape].join(" ");
    return { key, uri: () => this.#serial.run(key, () => this.#put(key, look)) };
  }

  async #put(key: string, look: AvatarLook): Promise<string> {
    const { store, homeserver, tools } = this.#parts;
    const stored = await store.records.get(UPLOADED_SCOPE, key);
    if (stored !== undefined) return stored;
    const png = await tools.avatar(look);
    const uri = await homeserver.reserveMedia(homeserver.bot);
    await homeserver.putMedia(homeserver.bot, uri, fileOf(png), "image/png", "avatar.png");
    await store.write((tx) => tx.records.set(UPLOADED_SCOPE, key, uri));
    return uri;
  }
}
