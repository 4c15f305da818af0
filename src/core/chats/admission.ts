import type { RoomId, UserId } from "../model/ids.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";

/** Brings ghosts into the rooms in which they act, and remembers who is there. */
export class Admission {
  readonly #homeserver: Pick<Homeserver, "bot" | "members" | "invite" | "join">;
  readonly #members = new Map<RoomId, Set<UserId>>();
  readonly #serial = new SerialByKey();

  constructor(homeserver: Pick<Homeserver, "bot" | "members" | "invite" | "join">) {
    this.#homeserver = homeserver;
  }

  /** The bot invites the ghost, because in an archive nobody else may. */
  async admit(room: RoomId, ghost: UserId): Promise<void> {
    if (this.#members.get(room)?.has(ghost)) return;
    await this.#serial.run(`${room} ${ghost}`, async () => {
      const { bot } = this.#homeserver;
      const members = new Set(await this.#homeserver.members(room));
      if (!members.has(ghost)) await this.#homeserver.invite(bot, ghost, room, { direct: false });
      await this.#homeserver.join(ghost, room);
      const known = this.#members.get(room) ?? new Set();
      this.#members.set(room, known.add(ghost));
    });
  }

  /** Forgets that somebody is in a room. */
  left(room: RoomId, user: UserId): void {
    this.#members.get(room)?.delete(user);
  }
}
