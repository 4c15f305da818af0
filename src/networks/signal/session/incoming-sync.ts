import { BridgeError } from "../../../core/model/errors.ts";
import type { ChatId } from "../../../core/model/ids.ts";
import { faultOf } from "../../../core/ports/log.ts";
import { syncEvents } from "../convert/sync-events.ts";
import { chatWith, messageIdOf, personOf } from "../ids.ts";
import type { LoginContext } from "../login-context.ts";
import { masterKeyIn } from "../master-key.ts";
import { attachmentRef } from "../media/media-ref.ts";
import { phoneContactsScope } from "../record-scopes.ts";
import { signalFamily } from "../records.ts";
import type { Target } from "../wire/data-message.ts";
import type { SentSync, Sync } from "../wire/sync.ts";
import type { Batch } from "./batch.ts";
import type { Configuration } from "./configuration.ts";
import { groupsOf } from "./groups/groups-of-messages.ts";
import type { GroupHead, IncomingGroups } from "./groups/incoming-groups.ts";
import { takeData } from "./incoming-data.ts";
import { type NumberChange, numberChange } from "./number-change.ts";

/**
 * What others do with what our person's other devices tell, once the batch is stored. Each is done at every start of a
 * connection too, so that nothing is lost where the bridge ends in between.
 */
export interface SyncHandlers {
  /** It is stored where the phone's contacts are. */
  phoneContacts(): void;
  /** The account's storage is another one, or its key is. */
  accountStored(): void;
  /** The request of a chat was accepted elsewhere. */
  requestAccepted(chat: ChatId): void;
  /** The account has another phone number: the connection is to be made anew, with what is stored. */
  numberChanged(): void;
}

interface IncomingSyncParts {
  readonly configuration: Configuration;
  readonly handlers: Partial<SyncHandlers>;
  readonly groups: Pick<IncomingGroups, "chatOf">;
}

type SyncHead = Omit<GroupHead, "author">;

/** Puts what our person's other devices tell into a batch. */
export class IncomingSync {
  readonly #context: LoginContext;
  readonly #configuration: Configuration;
  readonly #handlers: Partial<SyncHandlers>;
  readonly #groups: Pick<IncomingGroups, "chatOf">;

  constructor(context: LoginContext, { configuration, handlers, groups }: IncomingSyncParts) {
    this.#context = context;
    this.#configuration = configuration;
    this.#handlers = handlers;
    this.#groups = groups;
  }

  /** Rejects only where the store fails. */
  async take(batch: Batch, head: SyncHead, sync: Sync): Promise<void> {
    switch (sync.kind) {
      case "sent":
        return this.#sent(batch, head, sync);
      case "read":
      case "viewed":
      case "deleteForMe":
      case "requestAnswered":
      case "call": {
        const named = sync.kind === "read" || sync.kind === "viewed" ? namesIn(sync.messages) : [];
        const groups = await groupsOf(this.#context, named);
        const events = syncEvents(sync, { ...head, own: this.#context.own, groups });
        batch.events.push(...events);
        for (const event of events)
          if (event.kind === "request-answered" && event.accepted)
            batch.afterwards.push(() => this.#handlers.requestAccepted?.(event.chat));
        return;
      }
      case "configuration":
        batch.writes.push(this.#configuration.told(sync));
        return;
      case "contacts": {
        const ref = attachmentRef(sync.blob);
        if (ref === undefined) return;
        batch.writes.push((tx) => tx.records.set(phoneContactsScope(this.#context.login), ref, "unread"));
        batch.afterwards.push(() => this.#handlers.phoneContacts?.());
        return;
      }
      case "keys": {
        const key = masterKeyIn(sync);
        if (key === undefined) return;
        batch.writes.push((tx) => tx.family(signalFamily).setMasterKey(this.#context.login, key));
        batch.afterwards.push(() => this.#handlers.accountStored?.());
        return;
      }
      case "fetchLatest":
        if (sync.what !== "other") batch.afterwards.push(() => this.#handlers.accountStored?.());
        return;
      case "blocked":
        batch.afterwards.push(() => this.#handlers.accountStored?.());
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

  async #numberChanged(batch: Batch, head: SyncHead, change: NumberChange): Promise<void> {
    const { log, login } = this.#context;
    const write = await numberChange(this.#context, change, head.updatedPni);
    if (!write) {
      log.warn("a change of the phone number could not be used", { login, message: head.timestamp });
      return;
    }
    batch.writes.push(write);
    batch.isLast = true;
    batch.afterwards.push(() => this.#handlers.numberChanged?.());
  }

  async #sent(batch: Batch, head: SyncHead, sync: SentSync): Promise<void> {
    const { log, login, own } = this.#context;
    const { sent, timestamp, destination, expiresFrom } = sync;
    if (sync.recipientUpdate || sent.kind === "story") return;
    const { group } = sent.data;
    const person = personOf(destination);
    if (!group && person === undefined) {
      log.info("a message of our own to nobody known was left out", { login, message: timestamp });
      return;
    }
    const chat = group
      ? await this.#groups.chatOf(batch, { ...head, author: own }, sent.data)
      : person && chatWith(person);
    if (chat === undefined) return;
    try {
      await takeData(this.#context, batch, { ...head, timestamp, author: own, chat, expiresFrom }, sent);
    } catch (error) {
      if (BridgeError.from(error).outage) throw error;
      log.error("a message of our own could not be converted", {
        login,
        message: timestamp,
        ...faultOf(error),
      });
      const id = messageIdOf({ author: own, timestamp });
      const what = "a message that is malformed";
      batch.events.push({ kind: "unsupported", chat, sender: undefined, id, at: head.at, what });
    }
  }
}

const namesIn = (messages: readonly Target[]) =>
  messages.flatMap(({ author: name, timestamp }) => {
    const author = personOf(name);
    return author === undefined ? [] : [{ author, timestamp }];
  });
