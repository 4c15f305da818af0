import type { RoomId, UserId } from "../../core/model/ids.ts";
import type { HomeserverSink } from "../../core/ports/homeserver.ts";
import type { Log } from "../../core/ports/log.ts";
import { refusalOf } from "../http/homeserver-error.ts";
import type { Requests } from "../http/requests.ts";
import { pageBack, type Reach } from "./page-back.ts";

/** At one room's events, some two seconds apart, before they are given up. */
const MOST_TRIES = 150;

interface MissedEventsParts {
  readonly requests: Requests;
  readonly bot: UserId;
  readonly sink: HomeserverSink;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What rooms hold beside an answer of the audit stream that had no place for all of it. */
export class MissedEvents {
  readonly #parts: MissedEventsParts;
  /** How often a room's could not be read. */
  readonly #tries = new Map<RoomId, number>();

  constructor(parts: MissedEventsParts) {
    this.#parts = parts;
  }

  /**
   * Oldest first. A homeserver that fails on a room may work in a moment, so the fault is thrown and the stream comes
   * again; but one room must not keep it from going on for ever: then the room hears that something is missing.
   */
  async before(room: RoomId, from: string, reach: Reach): Promise<readonly unknown[]> {
    const { requests, bot, sink, log, signal } = this.#parts;
    try {
      const found = await pageBack(requests, { as: bot, room, from, reach, signal });
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
