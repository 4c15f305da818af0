import type { EventId, RoomId, UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import { faultOf, type Log } from "../ports/log.ts";

/** How far somebody has read. */
interface Reading {
  readonly ghost: UserId;
  readonly room: RoomId;
  readonly event: EventId;
}

interface RoomReadersParts {
  readonly homeserver: Pick<Homeserver, "markRead">;
  readonly clock: Clock;
  readonly log: Log;
}

/** So many are shown without a pause. */
const FEW = 8;

/**
 * Shows who has read what, best effort: in each room one after the other, of each only the newest, and where many have
 * read, with pauses as long as that took, so that the homeserver has half of its time for everything else.
 */
export class RoomReaders {
  readonly #parts: RoomReadersParts;
  readonly #wanted = new Map<RoomId, Map<UserId, EventId>>();

  constructor(parts: RoomReadersParts) {
    this.#parts = parts;
  }

  want({ room, ghost, event }: Reading): void {
    const running = this.#wanted.get(room);
    const wanted = running ?? new Map<UserId, EventId>();
    wanted.set(ghost, event);
    this.#wanted.set(room, wanted);
    if (!running) void this.#run(room, wanted);
  }

  async #run(room: RoomId, wanted: Map<UserId, EventId>): Promise<void> {
    const { clock } = this.#parts;
    let shown = 0;
    for (const [ghost, event] of wanted) {
      wanted.delete(ghost);
      const begun = clock.now();
      await this.#show({ room, ghost, event });
      shown += 1;
      const took = clock.now() - begun;
      if (shown >= FEW && took > 0) await new Promise<void>((resolve) => void clock.after(took, resolve));
    }
    this.#wanted.delete(room);
  }

  async #show({ room, ghost, event }: Reading): Promise<void> {
    const { homeserver, log } = this.#parts;
    try {
      await homeserver.markRead(ghost, room, event);
    } catch (error) {
      log.debug("a receipt was not shown", faultOf(error));
    }
  }
}
