import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import { everyFailedMessage } from "../delivery/failed-messages.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { EventId } from "../model/ids.ts";
import type { Portal } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { Retried, Retries } from "./retries.ts";

interface AnsweredFailuresParts {
  readonly store: Store;
  readonly retries: Retries;
  readonly delivery: Pick<DeliveryStatus, "reply">;
}

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
    const about = word && (await this.#failedAt(event, portal));
    if (about === undefined) return undefined;
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
    if (!rows.some(({ room, sender }) => room === event.room && sender === event.sender)) return undefined;
    const asked = { only: original, by: event.id };
    return this.#say(event, await this.#parts.retries.retry(portal, asked));
  }

  /** The failed message that is replied to, or whose notice is. */
  async #failedAt({ replyTo }: Answer, portal: Portal): Promise<EventId | undefined> {
    const { store } = this.#parts;
    for (const { event, failure } of await everyFailedMessage(store, portal)) {
      if (event === replyTo) return event;
      const notice = failure && (await store.matrixOutbox.sentAs(failure.notice));
      if (notice?.event === replyTo) return event;
    }
    return undefined;
  }

  /** What is sent again is seen by its notice, which changes. */
  #say(event: Answer, retried: Retried): (tx: Writes) => void {
    const { delivery } = this.#parts;
    if (retried.kind === "forbidden") return delivery.reply(event, `Nothing was sent. ${retried.words}`);
    if (retried.unread === 0) return () => {};
    return delivery.reply(event, "It could not be read again. Please write it anew.");
  }
}

function wordOf({ message: { parts } }: Answer): "retry" | "discard" | undefined {
  const [part, ...more] = parts;
  if (part?.kind !== "text" || more.length > 0) return undefined;
  const word = part.body.text.trim().toLowerCase();
  return word === "retry" || word === "discard" ? word : undefined;
}
