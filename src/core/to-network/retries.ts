import { sendRefusal } from "../chats/send-refusal.ts";
import { discard, type FailedMessage, failedMessages } from "../delivery/failed-messages.ts";
import type { Message } from "../model/content.ts";
import type { MatrixEvent, Outgoing } from "../model/events.ts";
import { itemsOf } from "../model/items.ts";
import { rejectedBy } from "../ports/guards.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Portal } from "../ports/rows.ts";
import type { Writes } from "../ports/store.ts";
import { convertMatrixEvent } from "./convert-matrix-event.ts";
import type { MatrixEventContext } from "./event-context.ts";
import { type EventContextsParts, eventContextOf, targetsOf } from "./event-contexts.ts";

interface RetriesParts extends EventContextsParts {
  readonly homeserver: Homeserver;
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

  constructor(parts: RetriesParts) {
    this.#parts = parts;
  }

  /** Offers the messages to be sent again no more; resolves to how many there were. Their notices stay in the room. */
  async discard(portal: Portal): Promise<number> {
    const { store, clock } = this.#parts;
    const ids = (await failedMessages(store, portal)).map(({ id }) => id);
    await store.write((tx) => discard(tx, portal, ids, clock.now()));
    return ids.length;
  }

  /**
   * Reads the messages from the homeserver, because their text is not stored here, and converts them as if they were
   * written now.
   */
  async retry(portal: Portal): Promise<Retried> {
    const { store } = this.#parts;
    const { room } = portal;
    const context = room === undefined ? undefined : await eventContextOf(this.#parts, { ...portal, room });
    const count = { sent: 0, refused: 0, unread: 0 };
    if (!context) return { kind: "forbidden", words: "This chat is closed; its history stays here." };
    const words = sendRefusal(context.login.user, context);
    if (words !== undefined) return { kind: "forbidden", words };
    for (const row of await failedMessages(store, portal)) count[await this.#retryOne(row, context)] += 1;
    return { kind: "done", ...count };
  }

  async #retryOne(
    row: FailedMessage,
    context: Omit<MatrixEventContext, "target" | "targetRow" | "reactionTarget" | "newRow">,
  ): Promise<"sent" | "refused" | "unread"> {
    const { store, homeserver, delivery } = this.#parts;
    const written = await homeserver.event(row.room, row.event);
    if (written?.kind !== "message") return "unread";
    const event = { ...written, message: await this.#newest(written) };
    let outcome: "sent" | "refused" = "refused";
    const unmark = await delivery.retried(row);
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
    // The message keeps its row, and with it its id.
    const newRow = () => row;
    const requeue = { item: row.item, put };
    const convert = convertMatrixEvent(event, { ...context, ...targets, newRow, requeue });
    const queued = store.write((tx) => {
      // It may have arrived after all.
      tx.guard({ kind: "row-is", row: row.id, state: "failed" });
      convert(tx);
    });
    await rejectedBy("row-is", queued);
    return outcome;
  }

  /** The message as the room shows it: it may have been edited since it failed. */
  async #newest({ room, id, message }: Extract<MatrixEvent, { kind: "message" }>): Promise<Message> {
    const { store, homeserver } = this.#parts;
    const edit = (await store.revisions.ofEvent(room, id)).at(-1)?.event;
    const changed = edit && (await homeserver.event(room, edit));
    const one = itemsOf(message).length === 1;
    return one && changed?.kind === "edit" && itemsOf(changed.message).length === 1
      ? changed.message
      : message;
  }
}
