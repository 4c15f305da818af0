import type { ChatId, PersonId } from "../../../core/model/ids.ts";
import type { MediaFile } from "../../../core/model/media.ts";
import { faultOf } from "../../../core/ports/log.ts";
import type { ChatInfo, Found } from "../../../core/ports/network.ts";
import { groupIdIn, personIn, serviceIdOf } from "../ids.ts";
import type { LoginContext } from "../login-context.ts";
import { profilePictureRef } from "../media/media-ref.ts";
import { signalFamily } from "../records.ts";
import type { NumberDirectory } from "../service/number-directory.ts";
import type { StorageService } from "../service/storage-service.ts";
import { shownName } from "../shown-name.ts";
import { StorageKeys } from "../storage/storage-keys.ts";
import { StoredAccount } from "../storage/stored-account.ts";
import type { SendableSync } from "../wire/encode-sync.ts";
import { AccountSync, type AccountSyncParts } from "./account-sync.ts";
import { findContact } from "./find-contact.ts";
import { contactRecord, groupRecord } from "./kept-record.ts";
import { PhoneContacts } from "./phone-contacts.ts";
import { Profiles } from "./profiles.ts";

interface ContactBookParts {
  readonly context: LoginContext;
  readonly storage: Pick<StorageService, "manifestAfter" | "read" | "write">;
  readonly directory: Pick<NumberDirectory, "find">;
  readonly readGroups: AccountSyncParts["readGroups"];
  readonly accepted: AccountSyncParts["accepted"];
  /** Fetches a file by its reference. */
  readonly fetch: (ref: string) => Promise<MediaFile>;
  /** Tells our person's other devices something. */
  readonly tell: (sync: TellableSync) => Promise<void>;
}

type TellableSync = Extract<SendableSync, { readonly kind: "fetchLatest" | "requestAnswered" }>;

/** How long a new chat waits for what the account's storage says of it, in milliseconds. */
const PATIENCE = 10_000;

/** Of a large group the others are called by their names once they write. */
const MOST_MET = 50;

/** A login's contacts: who they are, and what our person does about them, the same on all their devices. */
export class ContactBook {
  readonly #parts: ContactBookParts;
  readonly #storage: AccountSync;
  readonly #profiles: Profiles;
  readonly #phoneContacts: PhoneContacts;
  #running: Promise<unknown> = Promise.resolve();
  #meeting: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(parts: ContactBookParts) {
    const { context, storage, fetch, tell, readGroups, accepted } = parts;
    const { login, store, sink, clock, log } = context;
    this.#parts = parts;
    this.#phoneContacts = new PhoneContacts({ login, store, fetch });
    this.#storage = new AccountSync({
      login,
      store,
      sink,
      account: () => this.#stored(storage),
      readGroups,
      accepted,
      tellDevices: () => tell({ kind: "fetchLatest", what: "storage" }),
      clock,
      log,
    });
    this.#profiles = new Profiles({
      login,
      store,
      sink,
      anonymous: async () => (await context.chat()).anonymous(),
      identified: async () => (await context.chat()).authenticated,
      clock,
      log,
    });
  }

  /** Reads what was changed elsewhere; to be called when connected, and when another device says so. */
  readonly refresh = (): void => this.#later("the account's storage", () => this.#storage.read());

  /** Reads a contact's profile where that is due; to be called when they write, and say whether with a new key. */
  readonly seen = (person: PersonId, isKeyNew: boolean): void => {
    void this.#profiles.refresh(person, { isKeyNew });
  };

  /** The name of somebody who writes for the first time, where it comes soon. */
  readonly firstName = (person: PersonId, profileKey: Uint8Array): Promise<string | undefined> =>
    this.#profiles.firstName(person, profileKey);

  /** Reads the profiles of some of a group's members, one after the other, so that they have names. */
  readonly meet = (people: readonly PersonId[]): void => {
    const before = this.#meeting;
    this.#meeting = this.#meet(before, people.slice(0, MOST_MET));
  };

  /** Reads the contacts that the phone sent; to be called when connected, and when it sends them. */
  readonly phoneContacts = (): void => this.#later("the phone's contacts", () => this.#phoneContacts.read());

  async find(query: string): Promise<Found> {
    const { context, directory } = this.#parts;
    const { login, network, store, own, account } = context;
    const anonymous = async () => (await context.chat()).anonymous();
    const found = await findContact(
      { login, network, own, ownNumber: account.number, store, anonymous, directory },
      query,
    );
    if (found.kind !== "found" || found.contact.self) return found;
    // Who is known by the account's storage alone has a profile that was never read.
    const { contact } = found;
    await this.#profiles.refresh(contact.person);
    const known = await store.family(signalFamily).recipient(login, contact.person);
    return { kind: "found", contact: { ...contact, name: known?.profile?.name ?? contact.name } };
  }

  /** A contact's chat is a request until our person has accepted it, on any of their devices. */
  async chatInfo(chat: ChatId): Promise<ChatInfo> {
    const { login, store, own } = this.#parts.context;
    const person = personIn(chat);
    if (person === own) return { kind: "direct", person, self: true };
    await this.#settled();
    const { profile, stored } = (await store.family(signalFamily).recipient(login, person)) ?? {};
    const name = await shownName(this.#parts.context, { profile, person });
    // Without the key of what is stored it is not known whom they accepted.
    if ((await this.#masterKey()) === undefined) return { kind: "direct", person, name };
    return { kind: "direct", person, name, isRequest: stored?.accepted !== true };
  }

  /** As {@link NetworkClient.avatarOf}. */
  async avatarOf(person: PersonId): Promise<string | undefined> {
    const { login, store } = this.#parts.context;
    await this.#profiles.refresh(person);
    const known = await store.family(signalFamily).recipient(login, person);
    if (!known?.profile || !known.profileKey) return undefined;
    const { avatar } = known.profile;
    return avatar === "" ? "" : profilePictureRef(avatar, known.profileKey);
  }

  async setBlocked(person: PersonId, blocked: boolean): Promise<void> {
    await this.#storage.change(contactRecord(this.#parts.context, person), (record) => {
      record.blocked = blocked;
      // As Signal's apps do: who is let in again is nobody to be asked about.
      record.whitelisted = !blocked;
    });
  }

  async answerRequest(person: PersonId, accepted: boolean): Promise<void> {
    await this.#storage.change(contactRecord(this.#parts.context, person), (record) => {
      record.whitelisted = accepted;
    });
    const answer = accepted ? "accept" : "delete";
    await this.#parts.tell({ kind: "requestAnswered", person: serviceIdOf(person), answer });
  }

  /**
   * Our person is in a group, or declined to be, which their other devices are told: as the server of groups has it
   * already, what the account stores of it is kept where that can be.
   */
  async answeredGroup(chat: ChatId, accepted: boolean): Promise<void> {
    const { tell } = this.#parts;
    await this.keepGroup(chat, accepted);
    const group = groupIdIn(chat);
    if (group === undefined) return;
    await tell({ kind: "requestAnswered", group, answer: accepted ? "accept" : "delete" });
  }

  /** Writes into what the account stores whether our person takes part in a group; does not reject. */
  async keepGroup(chat: ChatId, accepted: boolean): Promise<void> {
    const { context } = this.#parts;
    const { store, login, log } = context;
    try {
      const group = await store.family(signalFamily).group(login, chat);
      // Of a group that it has nothing about it is not told that our person did not want it.
      if (!group || (!accepted && !group.stored)) return;
      await this.#storage.change(groupRecord(context, group), (record) => {
        record.whitelisted = accepted;
      });
    } catch (error) {
      log.warn("what the account stores of a group could not be changed", { login, ...faultOf(error) });
    }
  }

  /** Resolves when nothing runs in the background. */
  async idle(): Promise<void> {
    await Promise.all([this.#running, this.#meeting]);
  }

  /** Begins nothing more, and resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#phoneContacts.stop();
    await this.idle();
  }

  /** Undefined until the phone has given it. */
  async #masterKey(): Promise<Uint8Array | undefined> {
    const { login, store, account } = this.#parts.context;
    return (await store.family(signalFamily).masterKey(login)) ?? account.masterKey;
  }

  async #stored(service: ContactBookParts["storage"]): Promise<StoredAccount | undefined> {
    const masterKey = await this.#masterKey();
    if (masterKey === undefined) return undefined;
    const device = this.#parts.context.account.deviceId;
    return new StoredAccount({ service, keys: new StorageKeys(masterKey), device });
  }

  /** Resolves when what is being read in the background is there, or takes too long. */
  async #settled(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#parts.context.clock.after(PATIENCE, resolve);
    await Promise.race([this.#running, promise]);
    cancel();
  }

  async #meet(before: Promise<void>, people: readonly PersonId[]): Promise<void> {
    await before;
    for (const person of people) if (!this.#isClosed) await this.#profiles.refresh(person);
  }

  /** What fails is done again when connected next. */
  #later(what: string, act: () => Promise<void>): void {
    if (this.#isClosed) return;
    const { log, login } = this.#parts.context;
    const done = act().catch((error: unknown) => {
      log.warn(`${what} could not be read`, { login, ...faultOf(error) });
    });
    this.#running = Promise.all([this.#running, done]);
  }
}
