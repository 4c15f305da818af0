import type { UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { EventToSend } from "../../core/ports/homeserver.ts";
import type { Store, Writes } from "../../core/ports/store.ts";
import { fieldOf, jsonOf } from "../http/json.ts";
import { contentOf } from "./content-of.ts";
import { cryptoRecords } from "./crypto-records.ts";
import { placeOf } from "./message-index.ts";
import type { Sender } from "./sender.ts";

interface SealedEventsParts {
  readonly store: Store;
  readonly sender: Pick<Sender, "encrypt">;
  readonly clock: Pick<Clock, "now">;
}

/** How events for encrypted rooms are sent: encrypted once, however often they are tried. */
export class SealedEvents {
  readonly #parts: SealedEventsParts;

  constructor(parts: SealedEventsParts) {
    this.#parts = parts;
  }

  /** What a row was encrypted to; undefined where it was not. */
  async ciphertext(row: EventToSend["id"]): Promise<string | undefined> {
    const sealed = await this.#parts.store.family(cryptoRecords).sealed(row);
    const text = sealed && fieldOf(jsonOf(sealed.content), "ciphertext");
    return typeof text === "string" ? text : undefined;
  }

  /**
   * The event as it is sent: the same bytes at each try of its row, which are on disk before the first. `people`: those in
   * the room who are not ours. Throws BridgeError.
   */
  async seal(event: EventToSend, people: readonly UserId[]): Promise<EventToSend> {
    const { store, sender, clock } = this.#parts;
    const before = await store.family(cryptoRecords).sealed(event.id);
    // A row may have gone to another room since, in which nobody could read it as it was.
    const isForRoom = before?.room === undefined || before.room === event.room;
    const content =
      (isForRoom ? before?.content : undefined) ??
      (await sender.encrypt({ ...event, people }, (tx, made) => keepSealed(tx, event, made, clock.now())));
    return { ...event, type: "m.room.encrypted", content: contentOf(content) };
  }
}

/**
 * Stores what an event was encrypted to. All that ours encrypt for rooms is: what a room shows of them and nobody here knows
 * of says that the database is an older copy.
 */
export function keepSealed(
  tx: Writes,
  { id, sender, room }: Pick<EventToSend, "id" | "sender" | "room">,
  content: string,
  at: number,
): void {
  const place = placeOf(jsonOf(content));
  tx.family(cryptoRecords).seal({ row: id, content, at, place });
  if (place) tx.family(cryptoRecords).useSession(place.session, sender, room, at);
}
