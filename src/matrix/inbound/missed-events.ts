import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { HomeserverSink } from "../../core/ports/homeserver-sink.ts";
import type { Log } from "../../core/ports/log.ts";
import { refusalOf } from "../http/homeserver-error.ts";
import type { Requests } from "../http/requests.ts";
import { type PageUntil, pageBack } from "./page-back.ts";

/** The most tries to read one room's events, some two seconds apart. */
const MOST_TRIES = 150;

interface MissedEventsParts {
  readonly requests: Requests;
  readonly bot: UserId;
  readonly sink: HomeserverSink;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Reads the events of a room that an answer of the audit stream had no room for. */
export class MissedEvents {
  readonly #parts: MissedEventsParts;
  /** Failed tries by room. */
  readonly #tries = new Map<RoomId, number>();

  constructor(parts: MissedEventsParts) {
    this.#parts = parts;
  }

  /**
   * The events before the position `from`, oldest first. Where the homeserver fails, the error is thrown and the audit
   * stream tries again; after `MOST_TRIES` the room is told that events are missing, so that one room cannot stop it.
   */
  async before(room: RoomId, from: string, until: PageUntil): Promise<readonly unknown[]> {
    const { requests, bot, sink, log, signal } = this.#parts;
    try {
      const found = await pageBack(requests, { as: bot, room, from, until, signal });
      this.#tries.delete(room);
      return found;
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      const tries = (this.#tries.get(room) ?? 0) + 1;
      this.#tries.set(room, tries);
      const lasting = refusal.status < 500 && refusal.status !== 429 && refusal.code !== "no-errcode";
      if (!lasting && tries < MOST_TRIES) throw error;
      log.error("a room's missed events could not be read", { room, status: refusal.status });
      await sink.missed(room);
      this.#tries.delete(room);
      return [];
    }
  }
}
