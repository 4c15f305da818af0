import { BridgeError } from "../../src/core/model/errors.ts";
import type { Outgoing, RemoteEvent, RemoteReceipt, RemoteSignal } from "../../src/core/model/events.ts";
import type { ChatId, LoginId, MessageId } from "../../src/core/model/ids.ts";
import type { UnreachedMember } from "../../src/core/model/reachability-text.ts";
import type { ConnectionState, Ended, Journal, RemoteSink } from "../../src/core/ports/network.ts";
import type { Store, Writes } from "../../src/core/ports/store.ts";
import { Waits } from "../../tools/matrix/waits.ts";

/** The bridge's end of a connection: stores events as the core does, and keeps what it got. */
export class RecordingSink implements RemoteSink {
  readonly store: Store;
  readonly login: LoginId;
  /** The new events, in order. */
  readonly events: RemoteEvent[] = [];
  readonly receipts: RemoteReceipt[] = [];
  readonly signals: RemoteSignal[] = [];
  readonly states: ConnectionState[] = [];
  readonly endings: (Ended | "resumed")[] = [];
  /** Messages that their receivers could not read and that were not sent again. */
  readonly undelivereds: { readonly id: MessageId; readonly reason: string; readonly words: string }[] = [];
  /** Members of groups who do not get what our person writes there. */
  readonly unreachedMembers: (UnreachedMember & { readonly chat: ChatId })[] = [];
  /** What the network wants of our person. */
  readonly told: string[] = [];
  /** The notes for senders whose messages were sent in another form. */
  readonly notes: string[] = [];
  /** What was sent, to answer retries. */
  readonly sent = new Map<MessageId, Outgoing>();
  readonly requests = new Set<ChatId>();
  readonly sentTo = new Map<MessageId, ChatId>();
  readonly sealed = new Map<MessageId, Uint8Array>();
  /** The number of next commits that fail. */
  failures = 0;
  readonly #seenKeys = new Set<string>();
  readonly #changes = new Waits<void>();

  constructor(store: Store, login: LoginId) {
    this.store = store;
    this.login = login;
  }

  async accept(events: readonly RemoteEvent[], record: (tx: Writes) => void): Promise<void> {
    if (this.failures > 0) {
      this.failures -= 1;
      throw new BridgeError("storage", { words: "The disk is full.", certain: true, retryAfter: 0 });
    }
    await this.store.write((tx) => {
      record(tx);
      for (const event of events) tx.networkInbox.take(this.login, event, 1);
    });
    for (const event of events) {
      const key = `${event.chat} ${event.sender} ${event.id} ${event.kind}`;
      if (!this.#seenKeys.has(key)) this.events.push(event);
      this.#seenKeys.add(key);
    }
    this.#tell();
  }

  async receipt(receipt: RemoteReceipt): Promise<void> {
    this.receipts.push(receipt);
    this.#tell();
  }

  signal(signal: RemoteSignal): void {
    this.signals.push(signal);
    this.#tell();
  }

  async again(_: ChatId, id: MessageId): Promise<Outgoing | undefined> {
    return this.sent.get(id);
  }

  async againForOwn(id: MessageId): Promise<{ chat: ChatId; outgoing: Outgoing } | undefined> {
    const outgoing = this.sent.get(id);
    const chat = this.sentTo.get(id);
    return outgoing && chat !== undefined ? { chat, outgoing } : undefined;
  }

  async isRequest(chat: ChatId): Promise<boolean> {
    return this.requests.has(chat);
  }

  async undelivered(_: ChatId, id: MessageId, { reason, words }: BridgeError): Promise<void> {
    this.undelivereds.push({ id, reason, words });
    this.sent.delete(id);
    this.#tell();
  }

  async unreached(chat: ChatId, members: readonly UnreachedMember[]): Promise<void> {
    for (const { person, why } of members) this.unreachedMembers.push({ chat, person, why });
    this.#tell();
  }

  async tell(words: string, record: (tx: Writes) => void): Promise<void> {
    await this.store.write((tx) => record(tx));
    this.told.push(words);
    this.#tell();
  }

  state(state: ConnectionState): void {
    this.states.push(state);
    this.#tell();
  }

  async ended(what: Ended): Promise<void> {
    this.endings.push(what);
    this.#tell();
  }

  async resumed(): Promise<void> {
    this.endings.push("resumed");
    this.#tell();
  }

  capabilities(): void {
    this.#tell();
  }

  /** The journal of one outgoing message. */
  journal(id: MessageId): Journal {
    return {
      sealed: this.sealed.get(id),
      seal: async (sealed, record) => {
        await this.store.write((tx) => record(tx));
        this.sealed.set(id, sealed);
      },
      note: (words) => () => void this.notes.push(words),
    };
  }

  texts(): readonly string[] {
    return this.events.flatMap((event) =>
      event.kind === "message"
        ? [event.message.parts.map((part) => (part.kind === "text" ? part.body.text : part.kind)).join("\n")]
        : [],
    );
  }

  /** Resolves with the check's result; it is checked whenever something arrives. */
  until<T>(what: string, check: () => T | undefined | false, seconds?: number): Promise<T> {
    return this.#changes.until(what, check, seconds);
  }

  #tell(): void {
    this.#changes.offer();
  }
}
