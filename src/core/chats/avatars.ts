import { initialsOf } from "../model/initials.ts";
import { type AvatarLook, fileOf, type MediaTools } from "../model/media.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { Store, Writes } from "../ports/store.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";

/** Forgets where drawn avatars are: a homeserver that an older copy was put back of may have lost them. */
export const forgetDrawn = (tx: Writes): void => tx.records.clear(DRAWN);

/** Scope of the records of what was drawn, by how it looks: where it is at the homeserver. */
const DRAWN = "avatar";
/** Of what belongs to no network. */
const OWN = "#5b5f97";

interface AvatarsParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot" | "reserveMedia" | "putMedia">;
  readonly tools: Pick<MediaTools, "avatar">;
}

/** A drawn avatar: what it looks like in a word, and its address once it was put at the homeserver. */
export interface Drawn {
  readonly key: string;
  uri(): Promise<string>;
}

/** Avatars for whoever has no picture: one upload a look, however many people share it. */
export class Avatars {
  readonly #parts: AvatarsParts;
  readonly #serial = new SerialByKey();

  constructor(parts: AvatarsParts) {
    this.#parts = parts;
  }

  ofPerson(name: string, { colour }: Pick<Network, "colour">): Drawn {
    return this.#drawn({ colour, initials: initialsOf(name), shape: "person" });
  }

  /** Of a group that has no picture, or whose is not there yet. */
  ofGroup(name: string, { colour }: Pick<Network, "colour">): Drawn {
    return this.#drawn({ colour, initials: initialsOf(name), shape: "chats" });
  }

  ofNetwork({ name, colour }: Pick<Network, "name" | "colour">): Drawn {
    return this.#drawn({ colour, initials: initialsOf(name)?.slice(0, 1), shape: "chats" });
  }

  /** The bot's, and that of the Space around all networks'. */
  own(): Drawn {
    return this.#drawn({ colour: OWN, initials: undefined, shape: "chats" });
  }

  /** The homeserver may have lost what was put there: it is put there anew when it is asked for next. */
  async forget({ key }: Drawn): Promise<void> {
    await this.#parts.store.write((tx) => tx.records.remove(DRAWN, key));
  }

  #drawn(look: AvatarLook): Drawn {
    const key = [look.colour, look.initials ?? look.shape].join(" ");
    return { key, uri: () => this.#serial.run(key, () => this.#put(key, look)) };
  }

  async #put(key: string, look: AvatarLook): Promise<string> {
    const { store, homeserver, tools } = this.#parts;
    const known = await store.records.get(DRAWN, key);
    if (known !== undefined) return known;
    const png = await tools.avatar(look);
    const uri = await homeserver.reserveMedia(homeserver.bot);
    await homeserver.putMedia(homeserver.bot, uri, fileOf(png), "image/png", "avatar.png");
    await store.write((tx) => tx.records.set(DRAWN, key, uri));
    return uri;
  }
}
