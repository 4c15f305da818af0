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
  /** Runs everything that concerns a person's room one after the other, by user id. */
  readonly serial: SerialByKey;
}

/** The scope of the records of the code that a person is shown: its room and rows. */
const SHOWN = "shown-code";

interface ShownCode {
  readonly room: RoomId;
  readonly rows: readonly OutboxId[];
}

/**
 * Redacts what nobody may find in a management room later: codes that log somebody in, when they expire, and secrets
 * that people have typed.
 */
export class SecretMessages {
  readonly #parts: SecretMessagesParts;

  constructor(parts: SecretMessagesParts) {
    this.#parts = parts;
  }

  /** Shows a code in the person's management room and redacts the one before. One at a time for a person. */
  async show(user: UserId, code: Answer, isGood: () => boolean): Promise<void> {
    const { store, answers, rooms, serial } = this.#parts;
    const roomOf = () => serial.run(user, () => rooms.of(user));
    const room = await roomOf();
    const rows = await answers.rows(room, [code]);
    // The upload holds up nothing the person writes, so they may have another room by now.
    if ((await roomOf()) !== room) return this.show(user, code, isGood);
    const removal = await this.#removal(user);
    const shown: ShownCode = { room, rows: rows.map(({ id }) => id) };
    if (!isGood()) return;
    await store.write((tx) => {
      removal?.(tx);
      for (const row of rows) tx.matrixOutbox.add(row);
      tx.records.set(SHOWN, user, JSON.stringify(shown));
    });
    // It may have been used or ended while that was written.
    if (!isGood()) await this.takeAway(user);
  }

  /** Redacts a person's message; false where the bot has no power to. */
  async takeOut(room: RoomId, event: EventId): Promise<boolean> {
    const { store, homeserver, answers } = this.#parts;
    const condition = await homeserver.roomCondition(room, {});
    if (condition.kind !== "usable" || condition.weak) return false;
    const row = answers.removal(room, event);
    await store.write((tx) => tx.matrixOutbox.add(row));
    return true;
  }

  /** Redacts the code, which has expired or was used. */
  async takeAway(user: UserId): Promise<void> {
    const removal = await this.#removal(user);
    if (removal) await this.#parts.store.write(removal);
  }

  /** Redacts all codes, at the start: logins that they belong to did not survive. */
  async takeAllAway(): Promise<void> {
    for (const { name } of await this.#parts.store.records.all(SHOWN)) await this.takeAway(name as UserId);
  }

  async #removal(user: UserId): Promise<((tx: Writes) => void) | undefined> {
    const { store, answers } = this.#parts;
    const kept = await store.records.get(SHOWN, user);
    if (kept === undefined) return undefined;
    const { room, rows } = JSON.parse(kept) as ShownCode;
    const removals = rows.map((id) => answers.removal(room, { kind: "row", id }));
    return (tx) => {
      for (const row of removals) tx.matrixOutbox.add(row);
      tx.records.remove(SHOWN, user);
    };
  }
}
