import type { EventId, OutboxId, RoomId, UserId } from "../model/ids.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { SerialByKey } from "../runtime/serial-by-key.ts";
import type { Answer, Answers } from "./answers.ts";
import type { ManagementRooms } from "./management-rooms.ts";

interface SecretMessagesParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly answers: Answers;
  readonly rooms: ManagementRooms;
  /** Taken by whoever does something about a person's room, under the person's name. */
  readonly turns: SerialByKey;
}

/** Scope of the records of what a person is shown now, to be taken away: its room and rows. */
const SHOWN = "shown-code";

interface Shown {
  readonly room: RoomId;
  readonly rows: readonly OutboxId[];
}

/**
 * What nobody is to find in a management room later: codes that log somebody in, each there for as long as it is good,
 * across restarts too, and what people typed for the bot alone.
 */
export class SecretMessages {
  readonly #parts: SecretMessagesParts;

  constructor(parts: SecretMessagesParts) {
    this.#parts = parts;
  }

  /** Shows a code in the person's room, made where there is none, in place of the one before. */
  show(user: UserId, code: Answer): Promise<void> {
    const { store, answers, rooms, turns } = this.#parts;
    return turns.take(user, async () => {
      const room = await rooms.of(user);
      const rows = await answers.rows(room, [code]);
      const removal = await this.#removal(user);
      const shown: Shown = { room, rows: rows.map(({ id }) => id) };
      await store.write((tx) => {
        removal?.(tx);
        for (const row of rows) tx.matrixOutbox.add(row);
        tx.records.set(SHOWN, user, JSON.stringify(shown));
      });
    });
  }

  /** Takes what a person wrote out of their room; false where the bot may not. */
  async takeOut(room: RoomId, event: EventId): Promise<boolean> {
    const { store, homeserver, answers } = this.#parts;
    const condition = await homeserver.roomCondition(room, {});
    if (condition.kind !== "usable" || condition.weak) return false;
    const row = answers.removal(room, event);
    await store.write((tx) => tx.matrixOutbox.add(row));
    return true;
  }

  /** It is good no more, or was used. */
  takeAway(user: UserId): Promise<void> {
    const { store, turns } = this.#parts;
    return turns.take(user, async () => {
      const removal = await this.#removal(user);
      if (removal) await store.write(removal);
    });
  }

  /** At start: what was shown then leads nowhere. */
  async takeAllAway(): Promise<void> {
    for (const { name } of await this.#parts.store.records.all(SHOWN)) await this.takeAway(name as UserId);
  }

  async #removal(user: UserId): Promise<((tx: Writes) => void) | undefined> {
    const { store, answers } = this.#parts;
    const kept = await store.records.get(SHOWN, user);
    if (kept === undefined) return undefined;
    const { room, rows } = JSON.parse(kept) as Shown;
    const removals = rows.map((id) => answers.removal(room, { kind: "row", id }));
    return (tx) => {
      for (const row of removals) tx.matrixOutbox.add(row);
      tx.records.remove(SHOWN, user);
    };
  }
}
