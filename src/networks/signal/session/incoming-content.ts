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
import { chatOfMember, isIn, unreadChat } from "./groups/group-members.ts";
import { groupsOf } from "./groups/groups-of-messages.ts";
import type { IncomingGroups } from "./groups/incoming-groups.ts";
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

interface IncomingContentParts {
  readonly sync: IncomingSync;
  readonly people: People;
  readonly receipts: Pick<OwnReceipts, "delivered">;
  readonly groups: Pick<IncomingGroups, "chatOf">;
}

/** Puts what a decrypted message says into a batch. */
export class IncomingContent {
  readonly #context: LoginContext;
  readonly #sync: IncomingSync;
  readonly #people: People;
  readonly #receipts: Pick<OwnReceipts, "delivered">;
  readonly #groups: Pick<IncomingGroups, "chatOf">;

  constructor(context: LoginContext, { sync, people, receipts, groups }: IncomingContentParts) {
    this.#context = context;
    this.#sync = sync;
    this.#people = people;
    this.#receipts = receipts;
    this.#groups = groups;
  }

  /** `account`: which of our identities it was sent to; `raw`: its decrypted bytes. Rejects only where the store fails. */
  async take(
    batch: Batch,
    head: MessageHead,
    body: ContentBody,
    account: AccountKey["account"],
    raw: Uint8Array,
  ): Promise<void> {
    const context = this.#context;
    const { log, login, own, store } = context;
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
        const chat = body.data.group
          ? await this.#groups.chatOf(batch, { ...head, author: sender, account, raw }, body.data)
          : chatWith(sender);
        if (chat === undefined) return;
        const senderName = await this.#nameOf(sender, body.data.profileKey);
        await takeData(context, batch, { ...head, author: sender, chat, senderName }, body);
        batch.afterwards.push(() => this.#people.seen(sender, learnt !== undefined));
        // The core confirms messages, once they are in the room; an edit has a name of its own. Where there is no room yet,
        // it waits for its message there, and is confirmed with it.
        if (body.kind === "edit" && (await store.portals.byChat({ login, chat }))) {
          const id = messageIdOf({ author: sender, timestamp });
          batch.afterwards.push(() => this.#receipts.delivered(chat, sender, [id]));
        }
        return;
      }
      case "sync":
        await this.#sync.take(batch, { ...head, account, raw }, body.sync);
        return;
      case "receipt":
        await this.#receipt(batch, sender, RECEIPTS[body.receipt], body.timestamps);
        return;
      case "typing": {
        const chat = body.group ? await chatOfMember(context, batch, body.group, sender) : chatWith(sender);
        if (chat === undefined) return;
        batch.signals.push({ kind: "typing", chat, sender, active: body.typing, voice: false });
        return;
      }
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
  delivered(batch: Batch, sender: PersonId, timestamps: readonly number[]): Promise<void> {
    return this.#receipt(batch, sender, "delivered", timestamps);
  }

  /** A message of a contact's that cannot be shown; `raw`: its decrypted bytes, for a later version. */
  async unreadable(batch: Batch, head: MessageHead, raw?: Uint8Array): Promise<void> {
    const { sender, timestamp, at } = head;
    // Of our own other device it is not known in which chat it would stand.
    if (sender === this.#context.own) return;
    batch.events.push({
      kind: "unsupported",
      chat: await unreadChat(this.#context, batch, head),
      sender,
      id: messageIdOf({ author: sender, timestamp }),
      at,
      what: "a message that is malformed",
      ...(raw && { raw: Buffer.from(raw).toString("base64") }),
    });
  }

  /** A receipt names no chat: our messages may stand in several. */
  async #receipt(
    batch: Batch,
    person: PersonId,
    kind: RemoteReceipt["kind"],
    timestamps: readonly number[],
  ): Promise<void> {
    const { own: author } = this.#context;
    if (person === author) return;
    const names = Array.from(new Set(timestamps), (timestamp) => ({ author, timestamp }));
    const groups = await groupsOf(this.#context, names);
    const byChat = Map.groupBy(names.map(messageIdOf), (id) => groups.get(id) ?? chatWith(person));
    for (const [chat, ids] of byChat)
      if (await isIn(this.#context, batch, chat, person)) batch.receipts.push({ chat, person, kind, ids });
  }
}
