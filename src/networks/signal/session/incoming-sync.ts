import { syncEvents } from "../convert/sync-events.ts";
import { chatWith, personOf } from "../ids.ts";
import type { LoginContext } from "../login-context.ts";
import type { SentSync, Sync } from "../wire/sync.ts";
import type { Batch, MessageHead } from "./batch.ts";
import type { Configuration } from "./configuration.ts";
import { takeData } from "./incoming-data.ts";
import { type NumberChange, numberChange } from "./number-change.ts";

/** What others do with what our person's other devices tell: it is done once the batch is stored. */
export interface SyncHandlers {
  contacts(blob: Extract<Sync, { readonly kind: "contacts" }>): void;
  blocked(list: Extract<Sync, { readonly kind: "blocked" }>): void;
  /** The account has another phone number: the connection is to be made anew, with what is stored. */
  numberChanged(): void;
  keys(keys: Extract<Sync, { readonly kind: "keys" }>): void;
  fetchLatest(what: "profile" | "storage"): void;
}

/** Puts what our person's other devices tell into a batch. */
export class IncomingSync {
  readonly #context: LoginContext;
  readonly #configuration: Configuration;
  readonly #handlers: Partial<SyncHandlers>;

  constructor(context: LoginContext, configuration: Configuration, handlers: Partial<SyncHandlers>) {
    this.#context = context;
    this.#configuration = configuration;
    this.#handlers = handlers;
  }

  /** Rejects only where the store fails. */
  async take(batch: Batch, head: MessageHead, sync: Sync): Promise<void> {
    switch (sync.kind) {
      case "sent":
        return this.#sent(batch, head, sync);
      case "read":
      case "viewed":
      case "deleteForMe":
      case "requestAnswered":
      case "call":
        batch.events.push(...syncEvents(sync, { ...head, own: this.#context.own }));
        return;
      case "configuration":
        batch.writes.push(await this.#configuration.told(sync));
        return;
      case "contacts":
        batch.afterwards.push(() => this.#handlers.contacts?.(sync));
        return;
      case "keys":
        batch.afterwards.push(() => this.#handlers.keys?.(sync));
        return;
      case "fetchLatest": {
        const { what } = sync;
        if (what !== "other") batch.afterwards.push(() => this.#handlers.fetchLatest?.(what));
        return;
      }
      case "blocked":
        batch.afterwards.push(() => this.#handlers.blocked?.(sync));
        return;
      case "numberChanged":
        return this.#numberChanged(batch, head, sync);
      // Only the phone answers requests, and a bridge shows nothing of the rest.
      case "request":
      case "verified":
      case "deviceRenamed":
      case "other":
        return;
    }
  }

  async #numberChanged(batch: Batch, head: MessageHead, change: NumberChange): Promise<void> {
    const { log, login } = this.#context;
    const write = await numberChange(this.#context, change, head.updatedPni);
    if (!write) {
      log.warn("a change of the phone number could not be used", { login, message: head.timestamp });
      return;
    }
    batch.writes.push(write);
    batch.afterwards.push(() => this.#handlers.numberChanged?.());
  }

  async #sent(batch: Batch, head: MessageHead, sync: SentSync): Promise<void> {
    const { log, login, own } = this.#context;
    const { sent, timestamp, destination, expiresFrom } = sync;
    const person = personOf(destination);
    if (sync.recipientUpdate || sent.kind === "story") return;
    if (person === undefined) {
      log.info("a message of our own to a group, or to nobody known, was left out", {
        login,
        message: timestamp,
      });
      return;
    }
    await takeData(
      this.#context,
      batch,
      { ...head, timestamp, author: own, chat: chatWith(person), expiresFrom },
      sent,
    );
  }
}
