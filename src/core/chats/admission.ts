import type { RoomId, UserId } from "../model/ids.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";

/** Brings ghosts into the rooms in which they are to act, and knows who is there without asking each time. */
export class Admission {
  readonly #homeserver: Pick<Homeserver, "bot" | "members" | "invite" | "join">;
  readonly #inside = new Map<RoomId, Set<UserId>>();
  readonly #serial = new SerialByKey();

  constructor(homeserver: Pick<Homeserver, "bot" | "members" | "invite" | "join">) {
    this.#homeserver = homeserver;
  }

  /** The bot invites: in an archive nobody else may. */
  async admit(room: RoomId, ghost: UserId): Promise<void> {
    if (this.#inside.get(room)?.has(ghost)) return;
    await this.#serial.run(`${room} ${ghost}`, async () => {
      const { bot } = this.#homeserver;
      const members = new Set(await this.#homeserver.members(room));
      if (!members.has(ghost)) await this.#homeserver.invite(bot, ghost, room, { direct: false });
      await this.#homeserver.join(ghost, room);
      const inside = this.#inside.get(room) ?? new Set();
      this.#inside.set(room, inside.add(ghost));
    });
  }

  /** Somebody may not be there any more. */
  left(room: RoomId, user: UserId): void {
    this.#inside.get(room)?.delete(user);
  }
}
