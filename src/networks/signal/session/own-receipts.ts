import { ContentHint } from "@signalapp/libsignal-client";
import type { ChatId, MessageId, PersonId } from "../../../core/model/ids.ts";
import { faultOf } from "../../../core/ports/log.ts";
import { messageNameOf, serviceIdOf } from "../ids.ts";
import type { LoginContext } from "../login-context.ts";
import type { ContentBody } from "../wire/content.ts";
import { encodeContent, type SendableBody } from "../wire/encode-content.ts";
import { pad } from "../wire/padding.ts";
import type { Configuration } from "./configuration.ts";
import { deliver } from "./deliver.ts";
import { namesOf } from "./revisions.ts";

interface Delivered {
  readonly chat: ChatId;
  readonly id: MessageId;
}

type ReceiptBody = Extract<ContentBody, { readonly kind: "receipt" }>;

const PAGE = 500;
/** The most messages that one receipt names. */
const MOST_AT_ONCE = 500;

/** The mark of a message whose delivery receipt is owed, see RemoteEvent. */
export const OWED = "owed";

/** Tells contacts that their messages arrived and were read, and our other devices that they were read. */
export class OwnReceipts {
  readonly #context: LoginContext;
  readonly #configuration: Configuration;
  readonly #running = new Set<Promise<void>>();
  /** The messages of each sender whose receipts wait for the one under way. */
  readonly #waiting = new Map<PersonId, Delivered[]>();
  /** Requests that were accepted, which the core may not have heard of yet. */
  readonly #accepted = new Set<ChatId>();

  constructor(context: LoginContext, configuration: Configuration) {
    this.#context = context;
    this.#configuration = configuration;
  }

  /**
   * What cannot be sent now is owed, and sent on the next connection. What comes while one receipt is under way goes
   * with the next. Of a chat that is a request, as in Signal's apps, it stays owed until that is accepted.
   */
  delivered(chat: ChatId, sender: PersonId, ids: readonly MessageId[]): void {
    if (sender === this.#context.own) return;
    const messages = ids.map((id) => ({ chat, id }));
    const waiting = this.#waiting.get(sender);
    if (waiting) {
      waiting.push(...messages);
      return;
    }
    this.#waiting.set(sender, messages);
    this.#run(this.#drain(sender).finally(() => this.#waiting.delete(sender)));
  }

  /** Sends all delivery receipts that are owed, as an earlier connection may not have sent them. */
  owed(): void {
    this.#run(this.#sendOwed());
  }

  /** A chat's request was accepted: its receipts are sent. */
  accepted(chat: ChatId): void {
    this.#accepted.add(chat);
    this.owed();
  }

  read(sender: PersonId, ids: readonly MessageId[], how: "read" | "played"): void {
    if (sender !== this.#context.own) this.#run(this.#read(sender, ids, how));
  }

  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }

  #run(work: Promise<void>): void {
    const { log, login } = this.#context;
    const running = work
      .catch((error: unknown) => log.warn("a receipt could not be sent", { login, ...faultOf(error) }))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #drain(sender: PersonId): Promise<void> {
    const waiting = this.#waiting.get(sender) ?? [];
    // Receipts of one turn go together.
    await Promise.resolve();
    while (waiting.length > 0) await this.#delivered(sender, await this.#due(waiting.splice(0)));
    this.#waiting.delete(sender);
  }

  /** Those that are in no request. */
  async #due<Message extends Delivered>(messages: readonly Message[]): Promise<readonly Message[]> {
    const { sink } = this.#context;
    const requests = new Set<ChatId>();
    for (const chat of new Set(messages.map((message) => message.chat)))
      if (!this.#accepted.has(chat) && (await sink.isRequest(chat))) requests.add(chat);
    return messages.filter(({ chat }) => !requests.has(chat));
  }

  /** A receipt names no chat, so those of several go together. */
  async #delivered(sender: PersonId, messages: readonly Delivered[]): Promise<void> {
    const { store, login } = this.#context;
    for (const some of inParts(messages)) {
      // Of a message that waited, edits may have come meanwhile, which are told by names of their own.
      const names = await Promise.all(some.map(({ id }) => namesOf(this.#context, id)));
      for (const each of inParts(names.flat()))
        await this.#say(sender, { kind: "receipt", receipt: "delivery", timestamps: timesOf(each) });
      await store.write((tx) => {
        for (const { chat, id } of some) tx.networkInbox.confirmed(login, { chat, sender, id });
      });
    }
  }

  async #sendOwed(): Promise<void> {
    const { store, login } = this.#context;
    for (let after = 0; ; ) {
      const page = await store.networkInbox.unconfirmed(login, after, PAGE);
      const senders = Map.groupBy(await this.#due(page), ({ sender }) => sender);
      for (const [sender, messages] of senders) await this.#delivered(sender, messages);
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      after = last.seq;
    }
  }

  async #read(sender: PersonId, ids: readonly MessageId[], how: "read" | "played"): Promise<void> {
    const { readReceipts } = await this.#configuration.get();
    const receipt: ReceiptBody["receipt"] = how === "read" ? "read" : "viewed";
    // Signal's apps show that a changed message was read where its last edit was.
    const names = await Promise.all(ids.map((id) => namesOf(this.#context, id)));
    for (const some of inParts(names.flat())) {
      const timestamps = timesOf(some);
      if (readReceipts) await this.#say(sender, { kind: "receipt", receipt, timestamps });
      const messages = timestamps.map((timestamp) => ({ author: serviceIdOf(sender), timestamp }));
      await this.#say(this.#context.own, {
        kind: "sync",
        sync: { kind: how === "read" ? "read" : "viewed", messages },
      });
    }
  }

  async #say(to: PersonId, body: SendableBody): Promise<void> {
    const { store, clock } = this.#context;
    await deliver(this.#context, {
      to,
      plaintext: pad(encodeContent({ body })),
      timestamp: clock.now(),
      hint: ContentHint.Implicit,
      urgent: false,
      commit: (record) => store.write(record),
    });
  }
}

const timesOf = (ids: readonly MessageId[]): readonly number[] =>
  ids.flatMap((id) => {
    const name = messageNameOf(id);
    return name ? [name.timestamp] : [];
  });

function* inParts<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += MOST_AT_ONCE)
    yield items.slice(start, start + MOST_AT_ONCE);
}
