import type { RemoteEvent } from "../model/events.ts";
import type { MessageId } from "../model/ids.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { NetworkInboxRow } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { Batch } from "../runtime/batch.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import type { NetworkEventContext } from "./event-context.ts";
import { targetIn } from "./message-history.ts";

/** How many acts on unknown messages a batch tells one by one; the rest are told together. */
const MAX_TOLD_SINGLY = 3;
/** Kinds that are nothing without the message they refer to. */
const REFERRING: ReadonlySet<RemoteEvent["kind"]> = new Set(["edit", "delete", "reaction", "read", "hidden"]);
const TOLD_WITHOUT_TARGET: ReadonlySet<RemoteEvent["kind"]> = new Set(["delete", "reaction"]);

export interface MissingTargetsParts {
  readonly store: Pick<Store, "portals" | "networkInbox">;
  readonly outbox: OutboxRows;
  readonly homeserver: Pick<Homeserver, "bot">;
  readonly encoder: MatrixEncoder;
  /** Called when an event was parked. */
  readonly parked: () => void;
}

/** Events of a batch whose message is not there: they are parked, and when that took too long told, many together. */
export class MissingTargets {
  readonly #parts: MissingTargetsParts;
  readonly #batch: Pick<Batch<NetworkInboxRow>, "add" | "flush">;
  /** The messages for which rows of the batch are parked. */
  readonly #parkedFor = new Set<MessageId>();
  /** How many were told, singly or not. */
  #told = 0;
  /** What is to be told together. */
  readonly #untold: NetworkInboxRow[] = [];

  constructor(parts: MissingTargetsParts, batch: Pick<Batch<NetworkInboxRow>, "add" | "flush">) {
    this.#parts = parts;
    this.#batch = batch;
  }

  /**
   * Puts `taken` off if the message that it needs is missing, and answers whether it did. `event` is what `taken` is
   * about, with its context.
   */
  putOff(
    taken: NetworkInboxRow,
    event: RemoteEvent,
    context: Pick<NetworkEventContext, "deleted" | "targets"> | undefined,
  ): boolean {
    const missing = missingTo(event, context);
    if (missing === undefined) return false;
    if (!taken.overdue) {
      this.#batch.add((tx) => tx.networkInbox.park(taken.seq, missing), taken);
      this.#parkedFor.add(missing);
      this.#parts.parked();
      return true;
    }
    if (!TOLD_WITHOUT_TARGET.has(event.kind) || ++this.#told <= MAX_TOLD_SINGLY) return false;
    this.#untold.push(taken);
    return true;
  }

  /** Whether rows that came before this message are parked for it. */
  async isAwaited({ key, event }: NetworkInboxRow): Promise<boolean> {
    if (event.kind !== "message" && event.kind !== "edit") return false;
    return this.#parkedFor.has(event.id) || this.#parts.store.networkInbox.isAwaited(key, event.id);
  }

  /** Stores that a message was deleted before it came, if that waits to be told: a message is not shown then. */
  async storeDeletionOf(id: MessageId): Promise<void> {
    if (!this.#untold.some(({ event }) => targetIn(event) === id)) return;
    await this.tellRest();
    await this.#batch.flush();
  }

  /** Tells what is to be told together. */
  async tellRest(): Promise<void> {
    const rows = this.#untold.splice(0);
    if (rows.length > 0) this.#batch.add(await toldTogether(this.#parts, rows), ...rows);
  }
}

/** The message that an event needs and that is neither in the room nor on its way there. */
function missingTo(
  event: RemoteEvent,
  context: Pick<NetworkEventContext, "deleted" | "targets"> | undefined,
): MessageId | undefined {
  const refers = REFERRING.has(event.kind);
  const known = context !== undefined && (context.deleted || context.targets.length > 0);
  return refers && !known ? targetIn(event) : undefined;
}

/** Tells in one notice of acts on messages that never came. A message that is deleted so is not shown when it comes. */
async function toldTogether(
  { store, outbox, homeserver, encoder }: MissingTargetsParts,
  rows: readonly NetworkInboxRow[],
): Promise<(tx: Writes) => void> {
  const [first] = rows;
  const room = first && (await store.portals.byChat(first.key))?.room;
  const more = rows.length === 1 ? "message that is" : "messages that are";
  const words = `The same was done to ${rows.length} more ${more} not in this room.`;
  const notice = room && outbox.row(room, homeserver.bot, encoder.notice(words));
  return (tx) => {
    if (notice) tx.matrixOutbox.add(notice);
    for (const { seq, key, event } of rows) {
      tx.networkInbox.finish(seq);
      if (event.kind !== "delete") continue;
      tx.withdrawn.add(key, { id: event.target, sender: event.sender, part: undefined });
    }
  };
}
