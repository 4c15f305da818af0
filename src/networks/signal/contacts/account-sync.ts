import { create } from "@bufbuild/protobuf";
import { BridgeError } from "../../../core/model/errors.ts";
import type { RemoteEvent } from "../../../core/model/events.ts";
import type { ChatId, LoginId, PersonId } from "../../../core/model/ids.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import { faultOf, type Log } from "../../../core/ports/log.ts";
import type { RemoteSink } from "../../../core/ports/network.ts";
import type { Store } from "../../../core/ports/store.ts";
import { SerialByKey } from "../../../core/runtime/serial-by-key.ts";
import { chatWith } from "../ids.ts";
import { type StoredContact, signalFamily } from "../records.ts";
import { type ReadContact, readContact } from "../storage/contact-record.ts";
import { CONTACT, isSame, type StoredAccount } from "../storage/stored-account.ts";
import { type ManifestRecord, StorageRecordSchema } from "../wire/gen/storage_pb.js";
import { contactChanges } from "./contact-changes.ts";
import { type KeptRecord, keepContact } from "./kept-record.ts";

export interface AccountSyncParts {
  readonly login: LoginId;
  readonly store: Store;
  readonly sink: Pick<RemoteSink, "accept">;
  /** Undefined until the phone has given the key of what is stored. */
  readonly account: () => Promise<StoredAccount | undefined>;
  /** Reads what is stored about groups. */
  readonly readGroups: (
    account: StoredAccount,
    manifest: ManifestRecord,
    unread: (fault: unknown) => void,
  ) => Promise<void>;
  /** Called for a chat that was accepted elsewhere, once that is stored; it must not throw. */
  readonly accepted: (chat: ChatId) => void;
  /** Tells the person's other devices that there is something new. */
  readonly tellDevices: () => Promise<void>;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

/** What our person did about a contact, of whom the account's storage has this now. */
type Changes = (person: PersonId, after: StoredContact | undefined) => Promise<readonly RemoteEvent[]>;

/** The most contacts that are stored in one commit, for which everything else waits. */
const PART = 500;
/** How often a write is tried that other devices keep overtaking. */
const TRIES = 5;

/** Keeps what the bridge knows of contacts, and what the account's storage has, the same both ways. */
export class AccountSync {
  readonly #parts: AccountSyncParts;
  readonly #serial = new SerialByKey();

  constructor(parts: AccountSyncParts) {
    this.#parts = parts;
  }

  /** Reads what other devices changed. Throws BridgeError. */
  async read(): Promise<void> {
    await this.#serial.run("storage", () => this.#read());
  }

  /**
   * Changes a record of the account, for all devices of our person; resolves when the storage service has it. Throws
   * BridgeError.
   */
  async change<Value>(kept: KeptRecord<Value>, edit: (value: Value) => void): Promise<void> {
    await this.#serial.run("storage", async () => {
      for (let tries = 0; tries < TRIES; tries++) {
        if (await this.#write(kept, edit)) return this.#parts.tellDevices();
      }
      throw new BridgeError("remote-refused", {
        words: "Your other devices kept changing your contacts meanwhile. Try again in a moment.",
        certain: true,
        retryAfter: 0,
      });
    });
  }

  async #read(): Promise<ManifestRecord | undefined> {
    const { login, store, account, readGroups } = this.#parts;
    const stored = await account();
    if (!stored) return undefined;
    const signal = store.family(signalFamily);
    const manifest = await stored.manifestAfter(await signal.storageVersion(login));
    if (!manifest) return undefined;
    await readGroups(stored, manifest, (fault) => this.#unread(fault));
    const ids = manifest.identifiers.filter(({ type }) => type === CONTACT).map(({ raw }) => raw);
    const before = new Map(
      (await signal.storageIds(login)).map(({ person, storageId }) => [keyOf(storageId), person]),
    );
    const changes = await this.#changes(manifest);
    const isNew = ids.filter((id) => !before.has(keyOf(id)));
    const found = new Set<PersonId>();
    let unread = isNew.length;
    let part: ReadContact[] = [];
    for await (const { id, record } of stored.records(manifest, isNew, (fault) => this.#unread(fault))) {
      unread -= 1;
      if (record.record.case !== "contact") continue;
      const contact = readContact(record.record.value, id);
      if (!contact) continue;
      found.add(contact.person);
      part.push(contact);
      if (part.length < PART) continue;
      await this.#commit(part, changes);
      part = [];
    }
    if (part.length > 0) await this.#commit(part, changes);
    const kept = new Set(ids.map(keyOf));
    const isGone = ([id, person]: readonly [string, PersonId]): boolean =>
      !kept.has(id) && !found.has(person);
    // A record that could not be read may be the newer one of somebody whose former one is gone.
    const gone = unread > 0 ? [] : [...before].filter(isGone).map(([, person]) => person);
    await this.#commitGone(manifest, gone, changes);
    return manifest;
  }

  /** What our person did about a contact since it was stored here. */
  async #changes({ version }: ManifestRecord): Promise<Changes> {
    const { login, store, clock } = this.#parts;
    const now = clock.now();
    const chats = new Set((await store.portals.ofLogin(login)).map(({ chat }) => chat));
    return async (person, after) => {
      const hasChat = chats.has(chatWith(person));
      const hasNumberChat = after?.pni !== undefined && chats.has(chatWith(after.pni));
      const before = (await store.family(signalFamily).recipient(login, person))?.stored;
      return [...contactChanges({ person, before, after, hasChat, hasNumberChat }, version, now)];
    };
  }

  async #commit(read: readonly ReadContact[], changes: Changes): Promise<void> {
    const { login, sink, accepted } = this.#parts;
    const events: RemoteEvent[] = [];
    for (const { person, stored } of read) events.push(...(await changes(person, stored)));
    await sink.accept(events, (tx) => read.forEach((contact) => keepContact(tx, login, contact)));
    for (const event of events) if (event.kind === "request-answered" && event.accepted) accepted(event.chat);
  }

  /** At last: where something fails before, the rest is read again. */
  async #commitGone({ version }: ManifestRecord, gone: readonly PersonId[], changes: Changes): Promise<void> {
    const { login, sink } = this.#parts;
    const events: RemoteEvent[] = [];
    for (const person of gone) events.push(...(await changes(person, undefined)));
    await sink.accept(events, (tx) => {
      const signal = tx.family(signalFamily);
      for (const person of gone) signal.removeStored(login, person);
      signal.setStorageVersion(login, version);
    });
  }

  /** Whether the change was written, over what is newest. */
  async #write<Value>(kept: KeptRecord<Value>, edit: (value: Value) => void): Promise<boolean> {
    const { login, store, account } = this.#parts;
    const stored = await account();
    if (!stored) throw noKey();
    await this.#read();
    const signal = store.family(signalFamily);
    const manifest = await stored.manifestAfter(0n);
    if (!manifest) throw noKey();
    const version = await signal.storageVersion(login);
    // What others wrote in this moment is read first; an account that was set up anew counts from the start.
    if (manifest.version < version)
      await store.write((tx) => tx.family(signalFamily).setStorageVersion(login, 0n));
    if (manifest.version !== version) return false;
    const old = await kept.storageId();
    const isThere = old !== undefined && manifest.identifiers.some(({ raw }) => isSame(raw, old));
    let record = create(StorageRecordSchema);
    let value = isThere ? undefined : kept.fresh();
    for await (const found of stored.records(manifest, isThere ? [old] : [], (fault) =>
      this.#unread(fault),
    )) {
      record = found.record;
      value = kept.valueOf(record);
    }
    if (!value) throw unreadable();
    edit(value);
    record.record = kept.recordOf(value);
    const put = await stored.put(manifest, kept.type, record, isThere ? old : undefined);
    if (!put) return false;
    const written = value;
    await store.write((tx) => {
      kept.keep(tx, written, put.id);
      tx.family(signalFamily).setStorageVersion(login, put.manifest.version);
    });
    return true;
  }

  #unread(fault: unknown): void {
    const { log, login } = this.#parts;
    log.warn("a record of the account's storage could not be read", { login, ...faultOf(fault) });
  }
}

const keyOf = (id: Uint8Array): string => Buffer.from(id).toString("base64");

/** A new record in its place would lose what the phone wrote there. */
const unreadable = (): BridgeError =>
  new BridgeError("remote-refused", {
    words:
      "What your account stores about this chat cannot be read here, so nothing was changed. Do it in Signal on your phone.",
    certain: true,
  });

const noKey = (): BridgeError =>
  new BridgeError("remote-refused", {
    words:
      "Your phone has not given this bridge the key to what your account stores yet, so nothing was changed. Open Signal on it, and try again in a minute.",
    certain: true,
  });
