import type { RemoteReceipt } from "../../../core/model/events.ts";
import type { PersonId } from "../../../core/model/ids.ts";
import type { AccountKey } from "../../../signal-protocol/signal-records.ts";
import { chatWith, messageIdOf } from "../ids.ts";
import type { LoginContext } from "../login-context.ts";
import { numberKnownScope } from "../record-scopes.ts";
import { signalFamily } from "../records.ts";
import { usableKey } from "../service/access-key.ts";
import type { ContentBody } from "../wire/content.ts";
import { learnProfileKey } from "./access-keys.ts";
import type { Batch, MessageHead } from "./batch.ts";
import { takeData } from "./incoming-data.ts";
import type { IncomingSync } from "./incoming-sync.ts";
import type { OwnReceipts } from "./own-receipts.ts";

type ReceiptBody = Extract<ContentBody, { readonly kind: "receipt" }>;

const RECEIPTS: Readonly<Record<ReceiptBody["receipt"], RemoteReceipt["kind"]>> = {
  delivery: "delivered",
  read: "read",
  viewed: "played",
};

/** What is known of contacts. */
export interface People {
  /** Called when a contact wrote, with a profile key that was not known or not, once that is stored; it must not throw. */
  seen(person: PersonId, isKeyNew: boolean): void;
  /** The name of somebody who writes for the first time, where it comes soon. */
  firstName(person: PersonId, profileKey: Uint8Array): Promise<string | undefined>;
}

/** Puts what a decrypted message says into a batch. */
export class IncomingContent {
  readonly #context: LoginContext;
  readonly #sync: IncomingSync;
  readonly #people: People;
  readonly #receipts: Pick<OwnReceipts, "delivered">;

  constructor(
    context: LoginContext,
    sync: IncomingSync,
    people: People,
    receipts: Pick<OwnReceipts, "delivered">,
  ) {
    this.#context = context;
    this.#sync = sync;
    this.#people = people;
    this.#receipts = receipts;
  }

  /** `account`: which of our identities it was sent to. Rejects only where the store fails. */
  async take(
    batch: Batch,
    head: MessageHead,
    body: ContentBody,
    account: AccountKey["account"],
  ): Promise<void> {
    const context = this.#context;
    const { log, login, own } = context;
    const { sender, timestamp, at } = head;
    const isOwn = sender === own;
    if (isOwn !== (body.kind === "sync") && body.kind !== "null" && body.kind !== "nothing") {
      log.warn("a message that its sender has no right to was dropped", { login, message: timestamp });
      return;
    }
    switch (body.kind) {
      case "data":
      case "edit": {
        if (account === "pni")
          batch.writes.push((tx) => tx.records.set(numberKnownScope(login), sender, "yes"));
        const learnt = await learnProfileKey(context, sender, body.data.profileKey);
        if (learnt) batch.writes.push(learnt);
        const senderName = await this.#nameOf(sender, body.data.profileKey);
        await takeData(context, batch, { ...head, author: sender, chat: chatWith(sender), senderName }, body);
        batch.afterwards.push(() => this.#people.seen(sender, learnt !== undefined));
        // The core confirms messages, once they are in the room; an edit has a name of its own.
        if (body.kind === "edit" && !body.data.group) {
          const id = messageIdOf({ author: sender, timestamp });
          batch.afterwards.push(() => this.#receipts.delivered(sender, [id]));
        }
        return;
      }
      case "sync":
        await this.#sync.take(batch, head, body.sync);
        return;
      case "receipt":
        this.#receipt(batch, sender, RECEIPTS[body.receipt], body.timestamps);
        return;
      case "typing":
        if (body.group) return;
        batch.signals.push({
          kind: "typing",
          chat: chatWith(sender),
          sender,
          active: body.typing,
          voice: false,
        });
        return;
      case "call": {
        if (body.call === "other") return;
        const id = messageIdOf({ author: sender, timestamp });
        batch.events.push({
          kind: "call",
          chat: chatWith(sender),
          sender,
          id,
          at,
          video: body.call === "video",
        });
        return;
      }
      case "story": {
        const id = messageIdOf({ author: sender, timestamp });
        batch.events.push({ kind: "excluded", chat: chatWith(sender), sender, id, at, what: "status" });
        return;
      }
      case "decryptionError":
        // Only what is sent without encryption asks for something again: here a session works.
        log.info("a request inside a session was left out", { login, message: timestamp });
        return;
      case "null":
      case "nothing":
        return;
    }
  }

  async #nameOf(person: PersonId, given: Uint8Array | undefined): Promise<string | undefined> {
    const { store, login } = this.#context;
    const known = await store.family(signalFamily).recipient(login, person);
    if (known?.profile) return known.profile.name;
    const key = usableKey(given) ?? known?.profileKey;
    return key && this.#people.firstName(person, key);
  }

  /** The server or a device has messages of ours. */
  delivered(batch: Batch, sender: PersonId, timestamps: readonly number[]): void {
    this.#receipt(batch, sender, "delivered", timestamps);
  }

  /** A message of a contact's that cannot be shown; `raw`: its decrypted bytes, for a later version. */
  unreadable(batch: Batch, { sender, timestamp, at }: MessageHead, raw?: Uint8Array): void {
    // Of our own other device it is not known in which chat it would stand.
    if (sender === this.#context.own) return;
    batch.events.push({
      kind: "unsupported",
      chat: chatWith(sender),
      sender,
      id: messageIdOf({ author: sender, timestamp }),
      at,
      what: "a message that is malformed",
      ...(raw && { raw: Buffer.from(raw).toString("base64") }),
    });
  }

  #receipt(batch: Batch, person: PersonId, kind: RemoteReceipt["kind"], timestamps: readonly number[]): void {
    if (person === this.#context.own || timestamps.length === 0) return;
    const author = this.#context.own;
    const ids = [...new Set(timestamps)].map((timestamp) => messageIdOf({ author, timestamp }));
    batch.receipts.push({ chat: chatWith(person), person, kind, ids });
  }
}
