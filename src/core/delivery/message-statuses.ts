import type { MatrixEvent } from "../model/events.ts";
import type { EventId, RoomId, UserId } from "../model/ids.ts";
import type { MessageStatus } from "../model/message-status.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";

/** What each choice means, for its person. */
export const STATUS_WORDS = {
  auto: "Once you have written with a client that shows what became of each message, such as Beeper's or gomuks, it is told.",
  on: "Your client is told what became of each message; whether it shows that is up to it.",
  off: "Your client is told nothing of each message; there are receipts, and notices where something fails.",
} as const;
export type StatusChoice = keyof typeof STATUS_WORDS;

/** The choice that a word names; undefined where it names none. */
export const statusChoice = (word: string | undefined): StatusChoice | undefined =>
  word !== undefined && Object.hasOwn(STATUS_WORDS, word) ? (word as StatusChoice) : undefined;

interface MessageStatusesParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot">;
  readonly encoder: Pick<MatrixEncoder, "status">;
  readonly outbox: OutboxRows;
  /** Of who chose nothing. */
  readonly byDefault: StatusChoice;
}

/** The scope of what people chose, by user id. */
const CHOICES = "statuses";
/** The scope of who was shown statuses before, by user id: because of their client, or by their choice alone. */
const SHOWN = "statuses-shown";

type Shown = "client" | "choice";

/** A person's event. */
interface Subject {
  readonly room: RoomId;
  readonly id: EventId;
  readonly sender: UserId;
  /** The event by which its person's client last sent it again. */
  readonly lastRetry?: EventId | undefined;
}

/**
 * Shows what became of people's events by `com.beeper.message_send_status`, to those whose client shows it: each costs
 * the homeserver as much as a message, and most clients show none. No client says so, but those that do leave keys of
 * Beeper's in what they write.
 */
export class MessageStatuses {
  readonly #parts: MessageStatusesParts;
  readonly #choices: Map<UserId, string>;
  readonly #shown: Map<UserId, string>;

  private constructor(parts: MessageStatusesParts, choices: Map<UserId, string>, shown: Map<UserId, string>) {
    this.#parts = parts;
    this.#choices = choices;
    this.#shown = shown;
  }

  static async load(parts: MessageStatusesParts): Promise<MessageStatuses> {
    const all = async (scope: string) =>
      new Map((await parts.store.records.all(scope)).map(({ name, value }) => [name as UserId, value]));
    return new MessageStatuses(parts, await all(CHOICES), await all(SHOWN));
  }

  choice(user: UserId): StatusChoice {
    return statusChoice(this.#choices.get(user)) ?? this.#parts.byDefault;
  }

  async choose(user: UserId, choice: StatusChoice): Promise<void> {
    const shown = choice === "on" && !this.#shown.has(user);
    await this.#parts.store.write((tx) => {
      tx.records.set(CHOICES, user, choice);
      if (shown) tx.records.set(SHOWN, user, "choice" satisfies Shown);
    });
    this.#choices.set(user, choice);
    if (shown) this.#shown.set(user, "choice" satisfies Shown);
  }

  /** To be called when what is stored of a person was deleted. */
  forget(user: UserId): void {
    this.#choices.delete(user);
    this.#shown.delete(user);
  }

  /** Whether the person is shown what becomes of what they write. */
  wanted(user: UserId): boolean {
    const choice = this.choice(user);
    return choice === "on" || (choice === "auto" && this.#shown.get(user) === ("client" satisfies Shown));
  }

  /** Whether {@link show} may show anything to the person: what was shown once is kept true. */
  follows(user: UserId): boolean {
    return this.#shown.has(user) || this.wanted(user);
  }

  /** To be called with what people write: their client may be one that shows statuses. */
  notice({ sender, beeper }: Pick<MatrixEvent, "sender" | "beeper">): (tx: Writes) => void {
    if (beeper !== true || this.#shown.get(sender) === "client") return () => {};
    this.#shown.set(sender, "client" satisfies Shown);
    return (tx) => tx.records.set(SHOWN, sender, "client" satisfies Shown);
  }

  show({ room, id, sender, lastRetry }: Subject, status: MessageStatus): (tx: Writes) => void {
    if (!this.follows(sender)) return () => {};
    const { outbox, homeserver, encoder } = this.#parts;
    const row = outbox.row(room, homeserver.bot, encoder.status(id, status, lastRetry));
    const first = this.wanted(sender);
    return (tx) => tx.messageStatuses.show({ event: id, status: status.kind, row, first });
  }
}
