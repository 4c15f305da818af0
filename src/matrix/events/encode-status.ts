import type { EventId } from "../../core/model/ids.ts";
import type { MessageStatus } from "../../core/model/message-status.ts";
import type { EncodedEvent } from "../../core/ports/homeserver.ts";

type Why = Extract<MessageStatus, { readonly why: unknown }>["why"];

/** The reasons that Beeper's clients know. */
const REASONS: { readonly [W in Why]: string } = {
  unsupported: "com.beeper.unsupported_event",
  unreadable: "com.beeper.undecryptable_event",
  forbidden: "m.no_permission",
  network: "m.foreign_network_error",
  other: "m.event_not_handled",
};

/**
 * The event by which Beeper's clients, and some others, show what became of a message
 * (`BeeperMessageStatusEventContent` of mautrix-go). Of several about one event the last counts. `delivered_to_users`
 * is absent where nobody is told who has it.
 */
export function statusEvent(event: EventId, status: MessageStatus, lastRetry?: EventId): EncodedEvent {
  const retried = lastRetry === undefined ? {} : { last_retry: lastRetry };
  return {
    type: "com.beeper.message_send_status",
    content: { "m.relates_to": { rel_type: "m.reference", event_id: event }, ...fields(status), ...retried },
  };
}

function fields(status: MessageStatus): Readonly<Record<string, unknown>> {
  switch (status.kind) {
    case "pending":
      return { status: "PENDING", ...(status.words === undefined ? {} : { message: status.words }) };
    case "sent":
      return { status: "SUCCESS", ...(status.to && { delivered_to_users: status.to }) };
    case "delivered":
      return { status: "SUCCESS", delivered_to_users: status.to };
    case "failed":
    case "refused":
      return {
        status: status.kind === "failed" && status.again ? "FAIL_RETRIABLE" : "FAIL_PERMANENT",
        reason: REASONS[status.why],
        message: status.words,
      };
  }
}
