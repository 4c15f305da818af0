import type { OutboxId, RoomId, UserId } from "../model/ids.ts";
import type { Clock, Random } from "../ports/clock.ts";
import { CONTENT_KEY, type EncodedEvent } from "../ports/homeserver.ts";
import type { MatrixOutboxRow, NewMatrixOutboxRow } from "../ports/rows.ts";

type OutboxRowFields = Partial<Pick<MatrixOutboxRow, "stateKey" | "link" | "target" | "attachment">>;

/** Milliseconds since the epoch; see {@link OutboxRows.newId}. */
export const madeAt = (id: OutboxId): number => Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);

/** Makes rows of the matrix outbox; each has its id in its content. */
export class OutboxRows {
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  row(room: RoomId, sender: UserId, event: EncodedEvent, options: OutboxRowFields = {}): NewMatrixOutboxRow {
    const { stateKey, link, target, attachment } = options;
    const id = this.newId();
    return {
      id,
      room,
      sender,
      type: event.type,
      stateKey,
      content: stateKey === undefined ? { ...event.content, [CONTENT_KEY]: id } : event.content,
      link,
      target,
      attachment,
      createdAt: this.#clock.now(),
    };
  }

  /** A UUIDv7 (RFC 9562), so that rows of the same time are neighbours on disk. */
  newId(): OutboxId {
    const time = this.#clock.now().toString(16).padStart(12, "0").slice(-12);
    const chance = this.#random.uuid();
    return `${time.slice(0, 8)}-${time.slice(8)}-7${chance.slice(15)}` as OutboxId;
  }
}
