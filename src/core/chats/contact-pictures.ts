import { BridgeError } from "../model/errors.ts";
import type { LoginId, NetworkId, UserId } from "../model/ids.ts";
import type { MediaTools } from "../model/media.ts";
import type { GhostPicture, PictureKey } from "../ports/ghost-pictures.ts";
import { faultOf, type Log } from "../ports/log.ts";
import type { Network, NetworkClient } from "../ports/network.ts";
import type { Ghost } from "../ports/rows.ts";
import type { Store } from "../ports/store.ts";
import type { Lanes, Step } from "../runtime/lanes.ts";
import { triesAgain, waitAfter } from "../runtime/retry-policy.ts";
import type { Avatars } from "./avatars.ts";
import type { Connections } from "./connections.ts";
import type { Ghosts } from "./ghosts.ts";

/** The largest picture that becomes an avatar, in bytes. */
const LARGEST = 10 * 1024 * 1024;
const MAX_TRIES = 5;

interface ContactPicturesParts {
  readonly store: Store;
  readonly networks: ReadonlyMap<NetworkId, Network>;
  readonly connections: Pick<Connections, "client">;
  readonly ghosts: Pick<Ghosts, "ensure">;
  readonly avatars: Pick<Avatars, "ofFile">;
  readonly tools: Pick<MediaTools, "inspect">;
  readonly lanes: { readonly pictures: Pick<Lanes<PictureKey>, "wake"> };
  readonly log: Log;
}

/**
 * Gives contacts' ghosts the pictures that their people have on the network. It runs beside the chats and holds no
 * message up; what is not fetched yet is in the store.
 */
export class ContactPictures {
  readonly #parts: ContactPicturesParts;
  /** Ghosts whose network was asked since the start. */
  readonly #asked = new Set<UserId>();
  /** Failed tries, by whose picture it is. */
  readonly #tries = new Map<string, number>();

  constructor(parts: ContactPicturesParts) {
    this.#parts = parts;
  }

  /** Has the login's network asked for a ghost's picture, where that was never told. */
  ask(login: LoginId, { network, person, user, picture }: Ghost): void {
    const client = picture === undefined && this.#parts.connections.client(login);
    if (!client || !client.avatarOf || this.#asked.has(user)) return;
    this.#asked.add(user);
    this.#parts.lanes.pictures.wake({ network, person, login });
  }

  /** One step of the lane of somebody's picture. */
  async show(key: PictureKey): Promise<Step> {
    const { store, networks } = this.#parts;
    const ghost = await store.ghosts.byPerson(key.network, key.person);
    const network = networks.get(key.network);
    if (!ghost || !network) return "idle";
    const told = await store.ghosts.unfetched(key.network, key.person);
    // Whoever knew it has turned the network off; the next who is told of it goes on.
    const by = told ? await this.#loginFor(told) : key.login;
    if (by !== undefined && !(await store.logins.get(by))) return "idle";
    try {
      if (told) await this.#fetch(ghost, told);
      else if (ghost.picture === undefined && key.login !== undefined) {
        if (await this.#learn(key.login, ghost)) return "more";
      }
      // The newest may have been told of meanwhile, or that there is none any more.
      await this.#parts.ghosts.ensure(network, key.person, undefined, true);
      this.#tries.delete(ghost.user);
      return "idle";
    } catch (thrown) {
      return this.#afterFailure(ghost, told, BridgeError.from(thrown));
    }
  }

  /** Whether the network said anything. */
  async #learn(login: LoginId, { network, person }: Ghost): Promise<boolean> {
    const ref = await this.#client(login).avatarOf?.(person);
    if (ref === undefined) return false;
    await this.#parts.store.write((tx) => tx.ghosts.tellPicture({ network, person, login, ref }));
    return ref !== "";
  }

  /** Uploads a picture; refuses one whose bytes are no image. */
  async #fetch(ghost: Ghost, told: GhostPicture): Promise<void> {
    const { store, avatars, tools } = this.#parts;
    const client = this.#client(await this.#loginFor(told));
    if (!client.openMedia) return;
    await using file = await client.openMedia(told.ref);
    const { mimetype } = await tools.inspect(file, "image");
    if (!mimetype.startsWith("image/") || file.size > LARGEST)
      throw new BridgeError("unsupported", { words: "The picture is none, or too large.", certain: true });
    const uri = await avatars.ofFile(file, mimetype);
    await store.write((tx) => tx.ghosts.setPicture(told, uri));
    this.#tries.delete(ghost.user);
  }

  /** The login that was told of it, or another one that has a chat with them. */
  async #loginFor({ network, person, login }: GhostPicture): Promise<LoginId> {
    const { store, connections } = this.#parts;
    if (connections.client(login)) return login;
    const portals = await store.portals.ofPerson(network, person);
    return portals.find((portal) => connections.client(portal.login))?.login ?? login;
  }

  #client(login: LoginId): NetworkClient {
    const client = this.#parts.connections.client(login);
    if (client) return client;
    const words = "The network that keeps the picture is not connected.";
    throw new BridgeError("remote-unreachable", { words, certain: true, retryAfter: 30_000 });
  }

  /** After several failures what is shown stays: a picture that cannot be had takes none away. */
  async #afterFailure(ghost: Ghost, told: GhostPicture | undefined, error: BridgeError): Promise<Step> {
    const { store, log } = this.#parts;
    const before = this.#tries.get(ghost.user) ?? 0;
    if (error.outage) return waitAfter(error, before);
    if (triesAgain(error, before, MAX_TRIES)) {
      this.#tries.set(ghost.user, before + 1);
      return waitAfter(error, before);
    }
    this.#tries.delete(ghost.user);
    log.warn("a contact's picture is not shown", { user: ghost.user, ...faultOf(error) });
    if (told) await store.write((tx) => tx.ghosts.setPicture(told, ghost.picture ?? ""));
    return "idle";
  }
}
