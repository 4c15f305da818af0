import type { MatrixEvent } from "../../core/model/events.ts";
import type { RoomId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { HomeserverSink } from "../../core/ports/homeserver.ts";
import { faultOf, type Log } from "../../core/ports/log.ts";

/** Milliseconds the pushed invitation has to be acted upon, before the stream's takes its place. */
const GRACE = 5000;

interface PendingInvitesParts {
  readonly sink: HomeserverSink;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Invitations the stream shows. They come without event id, so the pushed one cannot be told from them and would
 * be handled twice: they wait, and only one that is still open after a while is taken.
 */
export class PendingInvites {
  readonly #parts: PendingInvitesParts;
  readonly #waiting = new Map<RoomId, () => void>();

  constructor(parts: PendingInvitesParts) {
    this.#parts = parts;
  }

  /** While some wait, the place in the stream must not be stored, or a crash would lose them. */
  get size(): number {
    return this.#waiting.size;
  }

  add(invite: MatrixEvent): void {
    if (!this.#waiting.has(invite.room)) this.#arm(invite);
  }

  /** The bot joined, declined or was uninvited. */
  settled(room: RoomId): void {
    this.#waiting.get(room)?.();
    this.#waiting.delete(room);
  }

  [Symbol.dispose](): void {
    for (const room of this.#waiting.keys()) this.settled(room);
  }

  #arm(invite: MatrixEvent): void {
    this.#waiting.set(
      invite.room,
      this.#parts.clock.after(GRACE, () => void this.#take(invite)),
    );
  }

  async #take(invite: MatrixEvent): Promise<void> {
    const { sink, log } = this.#parts;
    log.info("an invitation was not pushed; the audit stream has it", { room: invite.room });
    try {
      await sink.take([invite], "sync");
      this.#waiting.delete(invite.room);
    } catch (error) {
      log.error("an invitation could not be kept", { room: invite.room, ...faultOf(error) });
      if (this.#waiting.has(invite.room)) this.#arm(invite);
    }
  }
}
