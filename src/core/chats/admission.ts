import { BridgeError } from "../model/errors.ts";
import type { RoomId, UserId } from "../model/ids.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";
import { type OwnWrites, placeOf } from "./groups/own-writes.ts";

type AdmittingHomeserver = Pick<Homeserver, "bot" | "invite" | "join" | "getState" | "setState">;

/** Brings ghosts into the rooms in which they act, and remembers who is there. */
export class Admission {
  readonly #homeserver: AdmittingHomeserver;
  readonly #ownWrites: Pick<OwnWrites, "sets">;
  readonly #members = new Map<RoomId, Set<UserId>>();
  readonly #serial = new SerialByKey();

  constructor(homeserver: AdmittingHomeserver, ownWrites: Pick<OwnWrites, "sets">) {
    this.#homeserver = homeserver;
    this.#ownWrites = ownWrites;
  }

  /** The bot invites the ghost, because in an archive nobody else may. */
  async admit(room: RoomId, ghost: UserId): Promise<void> {
    if (this.#members.get(room)?.has(ghost)) return;
    await this.#serial.run(`${room} ${ghost}`, async () => {
      // One member is asked for, as a room may have thousands.
      const member = (await this.#homeserver.getState(room, "m.room.member", ghost))?.["membership"];
      if (member !== "join") this.#ownWrites.sets(room, placeOf(ghost), "in");
      if (member !== "join" && member !== "invite") await this.#invite(room, ghost);
      if (member !== "join") await this.#homeserver.join(ghost, room);
      const known = this.#members.get(room) ?? new Set();
      this.#members.set(room, known.add(ghost));
    });
  }

  /** One whom somebody banned is let in again: who is in a chat is what its network says. */
  async #invite(room: RoomId, ghost: UserId): Promise<void> {
    const { bot } = this.#homeserver;
    const invite = () => this.#homeserver.invite(bot, ghost, room, { direct: false });
    try {
      return await invite();
    } catch (error) {
      if (BridgeError.from(error).reason !== "forbidden") throw error;
      const member = await this.#homeserver.getState(room, "m.room.member", ghost);
      if (member?.["membership"] !== "ban") throw error;
    }
    await this.#homeserver.setState(bot, room, "m.room.member", ghost, { membership: "leave" });
    await invite();
  }

  /** Forgets that somebody is in a room. */
  left(room: RoomId, user: UserId): void {
    this.#members.get(room)?.delete(user);
  }
}
