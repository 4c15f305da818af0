import { sendRefusal } from "../chats/send-refusal.ts";
import {
  discard,
  everyFailedMessage,
  type FailedMessage,
  failedMessages,
} from "../delivery/failed-messages.ts";
import type { Message } from "../model/content.ts";
import type { MatrixEvent, Outgoing } from "../model/events.ts";
import type { EventId, RoomId } from "../model/ids.ts";
import { itemsOf } from "../model/items.ts";
import { rejectedBy } from "../ports/guards.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Portal } from "../ports/rows.ts";
import type { Writes } from "../ports/store.ts";
import { SerialByKey } from "../runtime/serial-by-key.ts";
import { convertMatrixEvent } from "./convert-matrix-event.ts";
import type { MatrixEventContext } from "./event-context.ts";
import { type EventContextsParts, eventContextOf, targetsOf } from "./event-contexts.ts";
import { quotedMessage } from "./quoted-message.ts";

type Written = Extract<MatrixEvent, { readonly kind: "message" }>;

interface RetriesParts extends EventContextsParts {
  readonly homeserver: Homeserver;
}

interface Asked {
  /** The event whose messages are sent again; all of the chat where it is undefined. */
  readonly only?: EventId;
  /** The event by which their person's client asked for it. */
  readonly by?: EventId;
}

/** The outcome of a retry. */
export type Retried =
  /** Why the person may not write in that chat now. */
  | { readonly kind: "forbidden"; readonly words: string }
  /**
   * `refused`: messages that the network no longer takes; each has its notice in the room. `unread`: messages that the
   * homeserver no longer has.
   */
  | { readonly kind: "done"; readonly sent: number; readonly refused: number; readonly unread: number };

/** Sends failed messages again when their person asks for it. */
export class Retries {
  readonly #parts: RetriesParts;
  readonly #serial = new SerialByKey();

  constructor(parts: RetriesParts) {
    this.#parts = parts;
  }

  /**
   * Offers a chat's failed messages, or those of one event, to be sent again no more; resolves to how many there were.
   * Their notices stay in the room.
   */
  discard(portal: Portal, only?: EventId): Promise<number> {
    const { store, clock } = this.#parts;
    return this.#serial.run(portal.login, async () => {
      const ids = (await this.#failed(portal, only)).map(({ id }) => id);
      await store.write((tx) => discard(tx, portal, ids, clock.now()));
      return ids.length;
    });
  }

  /**
   * Reads the messages from the homeserver, because their text is not stored here, and converts them as if they were
   * written now.
   */
  retry(portal: Portal, asked: Asked = {}): Promise<Retried> {
    return this.#serial.run(portal.login, () => this.#retry(portal, asked));
  }

  async #failed(portal: Portal, only: EventId | undefined): Promise<readonly FailedMessage[]> {
    if (only === undefined) return failedMessages(this.#parts.store, portal);
    return (await everyFailedMessage(this.#parts.store, portal)).filter(({ event }) => event === only);
  }

  async #retry(portal: Portal, { only, by }: Asked): Promise<Retried> {
    const { room } = portal;
    const context = room === undefined ? undefined : await eventContextOf(this.#parts, { ...portal, room });
    const count = { sent: 0, refused: 0, unread: 0 };
    if (!context) return { kind: "forbidden", words: "This chat is closed; its history stays here." };
    const words = sendRefusal(context.login.user, context);
    if (words !== undefined) return { kind: "forbidden", words };
    for (const row of await this.#failed(portal, only)) count[await this.#retryOne(row, context, by)] += 1;
    return { kind: "done", ...count };
  }

  async #retryOne(
    row: FailedMessage,
    context: Omit<MatrixEventContext, "target" | "targetRow" | "reactionTarget" | "newRow">,
    by: EventId | undefined,
  ): Promise<"sent" | "refused" | "unread"> {
    const { store, delivery } = this.#parts;
    if (row.outgoing?.kind === "group-change") return this.#retryChange(row, row.outgoing, by);
    const event = await this.#written(row);
    if (!event) return "unread";
    let outcome: "sent" | "refused" = "refused";
    const unmark = await delivery.retried(row, by);
    const put = (outgoing: Outgoing) => {
      outcome = "sent";
      return (tx: Writes) => {
        tx.networkOutbox.requeue(row, outgoing);
        // The network may give it another id.
        tx.learntIds.forget(row.key, row.remoteId);
        unmark(tx);
      };
    };
    const targets = await targetsOf(store, event, context.login.id, false);
    const quoted = await quotedMessage(this.#parts, event, { ...context, ...targets });
    // The message keeps its row, and with it its id.
    const newRow = () => row;
    const requeue = { item: row.item, files: await this.#filesOf(row, context), put };
    const convert = convertMatrixEvent(event, { ...context, ...targets, quoted, newRow, requeue });
    const queued = store.write((tx) => {
      // It may have arrived after all.
      tx.guard({ kind: "row-is", row: row.id, state: "failed" });
      convert(tx);
    });
    await rejectedBy("row-is", queued);
    return outcome;
  }

  /** How many files went in one message: one where another of the event's begins within what now goes in this one. */
  async #filesOf(
    { event, item }: FailedMessage,
    { granted: { files = 1 } }: Pick<MatrixEventContext, "granted">,
  ): Promise<number> {
    const rows = await this.#parts.store.networkOutbox.ofEvent(event);
    return rows.some((other) => other.item !== item && Math.abs(other.item - item) < files) ? 1 : files;
  }

  /** A change of a group, whose room was put back: what it asked for is kept with its row. */
  async #retryChange(row: FailedMessage, outgoing: Outgoing, by: EventId | undefined): Promise<"sent"> {
    const { store, delivery } = this.#parts;
    const unmark = await delivery.retried(row, by);
    const queued = store.write((tx) => {
      tx.guard({ kind: "row-is", row: row.id, state: "failed" });
      tx.networkOutbox.requeue(row, outgoing);
      unmark(tx);
    });
    await rejectedBy("row-is", queued);
    return "sent";
  }

  /** What a message's person wrote, as the room shows it; undefined where it cannot be read any more. */
  async #written({ room, event }: FailedMessage): Promise<Written | undefined> {
    const { homeserver } = this.#parts;
    const written = await homeserver.event(room, event);
    if (written?.kind === "message")
      return { ...written, message: await this.#newest(room, event, written.message) };
    if (written?.kind !== "edit") return undefined;
    // An edit became a message of its own, in the place of the one that it changed.
    const { target, message, ...rest } = written;
    const original = await homeserver.event(room, target);
    const { replyTo } = original?.kind === "message" ? original : {};
    return {
      ...rest,
      kind: "message",
      message: await this.#newest(room, target, message),
      ...(replyTo === undefined ? {} : { replyTo }),
    };
  }

  /** The message as the room shows it: it may have been edited since it failed. */
  async #newest(room: RoomId, original: EventId, message: Message): Promise<Message> {
    const { store, homeserver } = this.#parts;
    const edit = (await store.revisions.ofEvent(room, original)).at(-1)?.event;
    const changed = edit && (await homeserver.event(room, edit));
    const one = itemsOf(message).length === 1;
    return one && changed?.kind === "edit" && itemsOf(changed.message).length === 1
      ? changed.message
      : message;
  }
}
