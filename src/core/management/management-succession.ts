import { noRoom, type Successions, stillToBeInvited } from "../chats/successions.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { RoomId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { Notices } from "./notices.ts";

interface ManagementSuccessionParts {
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly clock: Pick<Clock, "now">;
  readonly successions: Pick<Successions, "follow">;
  readonly tellElsewhere: Notices["tellElsewhere"];
}

const nothing = (): void => {};

const REPLACED =
  "The room in which we talked was closed, and I was not invited to the one that took its place. Please write to me here.";

/** Continues a management room that somebody has closed in another room. */
export class ManagementSuccession {
  readonly #parts: ManagementSuccessionParts;

  constructor(parts: ManagementSuccessionParts) {
    this.#parts = parts;
  }

  /** Moves the chat to the room's successor, or else to a new room. */
  async tombstoned({ room, at }: Extract<MatrixEvent, { kind: "tombstone" }>): Promise<(tx: Writes) => void> {
    const { store, clock, tellElsewhere } = this.#parts;
    const owner = await store.rooms.owner(room);
    if (owner === undefined) return nothing;
    const record = await this.follow(room);
    if (record) return record;
    const wait = stillToBeInvited(clock.now(), at);
    if (wait > 0) throw noRoom("The room was replaced by another.", wait);
    const rows = await store.matrixOutbox.next(room, await store.matrixOutbox.count(), Infinity);
    const queued = rows.map(({ content }) => content["body"]).filter((body) => typeof body === "string");
    await tellElsewhere(owner, [REPLACED, ...queued], (tx) => {
      for (const { id } of rows) tx.matrixOutbox.abandon(id);
    });
    return nothing;
  }

  /** The writes that move the chat to the room's successor; undefined where the bot cannot join that. */
  async follow(room: RoomId): Promise<((tx: Writes) => void) | undefined> {
    const { store, homeserver, successions } = this.#parts;
    const owner = await store.rooms.owner(room);
    const condition = await homeserver.roomCondition(room, {});
    if (owner === undefined || condition.kind !== "replaced" || condition.by === undefined) return undefined;
    const next = await successions.follow(room, condition.by, { reader: owner });
    if (next === undefined) return undefined;
    const rows = await store.matrixOutbox.next(room, await store.matrixOutbox.count(), Infinity);
    return (tx) => {
      tx.rooms.set(owner, next);
      for (const { id, content } of rows) tx.matrixOutbox.move(id, next, content);
    };
  }
}
