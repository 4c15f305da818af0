import { readUpTo, setReadUpTo } from "../../delivery/read-up-to.ts";
import type { EventId, MessageId } from "../../model/ids.ts";
import type { Puppets } from "../../ports/double-puppets.ts";
import { faultOf, type Log } from "../../ports/log.ts";
import type { MatrixOutboxRow } from "../../ports/rows.ts";
import type { Store, Writes } from "../../ports/store.ts";
import { type NetworkEventContext, targetOf } from "../event-context.ts";

/** The type of an outbox row that moves a person's read marker and is no event. */
const READ_UP_TO = "thirdpartychats.read";

interface OwnReadingParts {
  readonly store: Store;
  readonly puppets: Pick<Puppets, "installed" | "markRead">;
  readonly log: Log;
}

/**
 * Queues the move of our person's read marker, for when the message that they read on another device is in the room.
 */
export function markRead(id: MessageId, at: number, context: NetworkEventContext): (tx: Writes) => void {
  const { outbox, portal, login, targets } = context;
  const target = targetOf(context, id, targets.at(-1)?.part ?? 0);
  const row = outbox.row(portal.room, login.user, { type: READ_UP_TO, content: { at } }, { target });
  return (tx) => tx.matrixOutbox.add(row);
}

export const isReadMark = ({ type }: Pick<MatrixOutboxRow, "type">): boolean => type === READ_UP_TO;

/** Moves people's read markers to what they read on other devices. Best effort: they can read it here too. */
export class OwnReading {
  readonly #parts: OwnReadingParts;

  constructor(parts: OwnReadingParts) {
    this.#parts = parts;
  }

  async perform(
    { room, sender, target, content, createdAt }: MatrixOutboxRow,
    event: EventId,
  ): Promise<void> {
    if (target?.kind !== "message") return;
    const { store, puppets, log } = this.#parts;
    const place = await store.messages.placeOf(room, event);
    if (place === undefined) return;
    const at = typeof content["at"] === "number" ? content["at"] : createdAt;
    if (await store.expiries.awaitsReading(target))
      await store.write((tx) => tx.expiries.read(target, { place }, at));
    if (place <= (await readUpTo(store, target))) return;
    // Stored first: the homeserver reports the new marker at once, and the network must not be told what it knows.
    await store.write((tx) => setReadUpTo(tx, target, place));
    try {
      if (await puppets.installed()) await puppets.markRead(sender, room, event);
    } catch (error) {
      log.debug("a read marker was not moved", { room, ...faultOf(error) });
    }
  }
}
