import { BridgeError } from "../model/errors.ts";
import type { PersonId, RoomId, UserId } from "../model/ids.ts";
import type { Puppets } from "../ports/double-puppets.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Network } from "../ports/network.ts";
import type { Login } from "../ports/rows.ts";
import type { Admission } from "./admission.ts";
import type { Ghosts } from "./ghosts.ts";
import type { PortalWithRoom } from "./successions.ts";

interface OwnSendersParts {
  readonly homeserver: Pick<Homeserver, "displayName" | "serverName" | "encrypts">;
  readonly puppets: Pick<Puppets, "installed">;
  readonly ghosts: Ghosts;
  readonly admission: Pick<Admission, "admit">;
}

/** Finds the sender that shows what a person did on another device of theirs: themself, or else a ghost of theirs. */
export class OwnSenders {
  readonly #parts: OwnSendersParts;

  constructor(parts: OwnSendersParts) {
    this.#parts = parts;
  }

  /** Whether the bridge can act as the person in the room at the moment. */
  async canBeActedFor(user: UserId, { member }: Pick<PortalWithRoom, "member">): Promise<boolean> {
    const { homeserver, puppets } = this.#parts;
    if (member === "left" || !user.endsWith(`:${homeserver.serverName}`)) return false;
    return puppets.installed();
  }

  /** Who sends an event of a type. What is encrypted goes by the ghost: the bridge has no keys of the person's. */
  async of(login: Login, network: Network, portal: PortalWithRoom, type: string): Promise<UserId> {
    const { user } = login;
    const { room } = portal;
    const isTheirs = await this.canBeActedFor(user, portal);
    if (isTheirs && !(await this.#parts.homeserver.encrypts({ room, type, stateKey: undefined })))
      return user;
    return this.ghost(user, network, room);
  }

  /** The ghost that stands for the person, in the room, under the person's name. */
  async ghost(user: UserId, network: Network, room: RoomId): Promise<UserId> {
    const { ghosts, admission } = this.#parts;
    const ghost = await ghosts.ensure(network, ownPerson(user), await this.#nameOf(user));
    await admission.admit(room, ghost.user);
    return ghost.user;
  }

  async #nameOf(user: UserId): Promise<string> {
    const localpart = user.slice(1, user.indexOf(":"));
    try {
      return (await this.#parts.homeserver.displayName(user)) ?? localpart;
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      return localpart;
    }
  }
}

/** The person id of one of our people on their network; no network's own id looks like this. */
const ownPerson = (user: UserId): PersonId => `own ${user}` as PersonId;
