import type { MatrixEvent } from "../../core/model/events.ts";
import type { RoomId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { HomeserverSink } from "../../core/ports/homeserver-sink.ts";
import { faultOf, type Log } from "../../core/ports/log.ts";

/** Milliseconds in which the pushed invitation must have been handled; then the audit stream's is taken instead. */
const GRACE = 5000;

interface PendingInvitesParts {
  readonly sink: HomeserverSink;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The invitations that the audit stream shows. They have no event id by which the pushed copy could be recognised, so
 * each waits a while and is taken only if the bot has not answered the pushed one meanwhile.
 */
export class PendingInvites {
  readonly #parts: PendingInvitesParts;
  readonly #waiting = new Map<RoomId, () => void>();

  constructor(parts: PendingInvitesParts) {
    this.#parts = parts;
  }

  /** While invitations wait, the stream's position must not be stored, or a crash would lose them. */
  get size(): number {
    return this.#waiting.size;
  }

  add(invite: MatrixEvent): void {
    if (!this.#waiting.has(invite.room)) this.#schedule(invite);
  }

  /** To be called when the bot joined, declined or was uninvited. */
  remove(room: RoomId): void {
    this.#waiting.get(room)?.();
    this.#waiting.delete(room);
  }

  [Symbol.dispose](): void {
    for (const room of this.#waiting.keys()) this.remove(room);
  }

  #schedule(invite: MatrixEvent): void {
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
      if (this.#waiting.has(invite.room)) this.#schedule(invite);
    }
  }
}
