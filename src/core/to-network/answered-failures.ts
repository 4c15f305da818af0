import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import { everyFailedMessage, wasSentAgain } from "../delivery/failed-messages.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { EventId } from "../model/ids.ts";
import type { Homeserver } from "../ports/homeserver.ts";
import type { Portal } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { UnreadEvents } from "./given-up/unread-events.ts";
import type { Retried, Retries } from "./retries.ts";

interface AnsweredFailuresParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot" | "event">;
  readonly retries: Retries;
  readonly delivery: Pick<DeliveryStatus, "reply">;
  readonly unread: Pick<UnreadEvents, "waits">;
}

const OUT_OF_DATE =
  "That does not wait to be sent again, so I did nothing. What you answered was taken as meant for me, and was not sent to the chat.";

type Answer = Extract<MatrixEvent, { readonly kind: "message" }>;

/**
 * Does what a person asks for in the chat about a message that failed: by a reply to it, or to the bot's notice of it,
 * that says “retry” or “discard”, or by their client's “send again” (`com.beeper.message_send_retry`).
 */
export class AnsweredFailures {
  readonly #parts: AnsweredFailuresParts;

  constructor(parts: AnsweredFailuresParts) {
    this.#parts = parts;
  }

  /** Undefined where the event is about no failure: it is a message to the contact then. */
  async answer(event: MatrixEvent, portal: Portal): Promise<((tx: Writes) => void) | undefined> {
    if (event.kind !== "message") return undefined;
    if (event.retryOf !== undefined) return this.#sendAgain(event, portal, event.retryOf);
    const word = event.replyTo === undefined ? undefined : wordOf(event);
    if (word === undefined) return undefined;
    const about = await this.#failedAt(event, portal);
    if (about === undefined) return this.#outOfDate(event, word);
    if (word === "retry") return this.#say(event, await this.#parts.retries.retry(portal, { only: about }));
    await this.#parts.retries.discard(portal, about);
    return this.#parts.delivery.reply(event, "It will not be sent.");
  }

  /** A client sends the whole message again; here it has its row already, and the network its id. */
  async #sendAgain(
    event: Answer,
    portal: Portal,
    original: EventId,
  ): Promise<((tx: Writes) => void) | undefined> {
    const rows = await this.#parts.store.networkOutbox.ofEvent(original);
    if (!rows.some(({ room, sender }) => room === event.room && sender === event.sender)) {
      const waits = this.#parts.unread.waits(event.room, event.sender, original);
      return waits === undefined ? undefined : this.#parts.delivery.reply(event, waits);
    }
    const asked = { only: original, by: event.id };
    return this.#say(event, await this.#parts.retries.retry(portal, asked));
  }

  /** The failed message that is replied to, or whose notice is. */
  async #failedAt({ replyTo }: Answer, portal: Portal): Promise<EventId | undefined> {
    const { store } = this.#parts;
    for (const { event, failure } of await everyFailedMessage(store, portal)) {
      if (event === replyTo || failure?.on === replyTo) return event;
      const notice = failure && (await store.matrixOutbox.sentAs(failure.notice));
      if (notice?.event === replyTo) return event;
    }
    return undefined;
  }

  /** An answer to what the bot said, or to what was sent again already, is meant for no contact. */
  async #outOfDate(event: Answer, word: "retry" | "discard"): Promise<((tx: Writes) => void) | undefined> {
    const { store, homeserver, delivery } = this.#parts;
    const { room, sender, replyTo } = event;
    if (replyTo === undefined) return undefined;
    const rows = (await store.networkOutbox.ofEvent(replyTo)).filter((row) => row.sender === sender);
    const asked = await Promise.all(rows.map((row) => wasSentAgain(store, row)));
    const unread = this.#parts.unread.waits(room, sender, replyTo);
    const isAnswer =
      unread !== undefined ||
      asked.includes(true) ||
      (await homeserver.event(room, replyTo))?.sender === homeserver.bot;
    if (!isAnswer) return undefined;
    const waits = word === "retry" ? this.#parts.unread.waits(room, sender) : undefined;
    return delivery.reply(event, waits ?? OUT_OF_DATE);
  }

  /** What is sent again is seen by its notice, which changes. */
  #say(event: Answer, retried: Retried): (tx: Writes) => void {
    const { delivery } = this.#parts;
    if (retried.kind === "forbidden") return delivery.reply(event, `Nothing was sent. ${retried.words}`);
    if (retried.unread > 0) return delivery.reply(event, "It could not be read again. Please write it anew.");
    // The reason was said where it failed, and is not said twice.
    return retried.refused > 0
      ? delivery.reply(event, "It cannot be sent as it is; the reason is above.")
      : () => {};
  }
}

function wordOf({ message: { parts } }: Answer): "retry" | "discard" | undefined {
  const [part, ...more] = parts;
  if (part?.kind !== "text" || more.length > 0) return undefined;
  const word = part.body.text.replace(/^[\s“"'!/]+|[\s”"'.!]+$/gu, "").toLowerCase();
  return word === "retry" || word === "discard" ? word : undefined;
}
