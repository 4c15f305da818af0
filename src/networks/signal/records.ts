import type { ChatId, LoginId, PersonId } from "../../core/model/ids.ts";
import type { FamilyKey } from "../../core/ports/family-store.ts";
import type { SignalGroupReads, SignalGroupWrites } from "./group-records.ts";
import type { SenderKeyReads, SenderKeyWrites } from "./sender-key-records.ts";

/** After how many seconds a chat's messages disappear, 0 where they stay. */
export interface ExpireTimer {
  readonly seconds: number;
  /** Counts the changes; the higher of two is the later. */
  readonly version: number;
}

/** What a login's person keeps about a contact at the storage service, on all their devices. */
export interface StoredContact {
  /** The phone number's identity, as a person; of one who is only that, it is {@link Recipient.person}. */
  readonly pni: PersonId | undefined;
  /** E.164. */
  readonly number: string | undefined;
  readonly username: string | undefined;
  /** In the phone's address book; else what they called themselves when the phone last saw it. */
  readonly contactName: string | undefined;
  /** Given by our person to this contact in Signal alone. */
  readonly nickname: string | undefined;
  readonly blocked: boolean;
  /** Whether our person accepted that they write. */
  readonly accepted: boolean;
  readonly markedUnread: boolean;
  /** Milliseconds since the epoch, 0 for not; a time beyond any calendar for ever. */
  readonly mutedUntil: number;
  /** The id of the record. */
  readonly storageId: Uint8Array;
}

/** What a contact tells of themselves to whom they gave their profile key. */
export interface ContactProfile {
  readonly name: string | undefined;
  /** The path of their picture at the host of files; empty where they have none. */
  readonly avatar: string;
  /** When it was read; milliseconds since the epoch. */
  readonly at: number;
}

/** A contact as a login knows them. */
export interface Recipient {
  readonly person: PersonId;
  /** 32 bytes. */
  readonly profileKey: Uint8Array | undefined;
  readonly profile: ContactProfile | undefined;
  readonly stored: StoredContact | undefined;
}

export interface SignalFamilyReads extends SignalGroupReads, SenderKeyReads {
  timer(login: LoginId, chat: ChatId): Promise<ExpireTimer | undefined>;
  recipient(login: LoginId, person: PersonId): Promise<Recipient | undefined>;
  recipients(login: LoginId): Promise<readonly Recipient[]>;
  /** Those of whom the account's storage has something, with the ids of their records. */
  storageIds(login: LoginId): Promise<readonly Pick<Recipient & StoredContact, "person" | "storageId">[]>;
  /** Who has this number (E.164) in the account's storage. */
  byNumber(login: LoginId, number: string): Promise<Recipient | undefined>;
  /** Those who are called so by our person, themselves or their username, in any case and width of letters; two at most. */
  named(login: LoginId, name: string): Promise<readonly Recipient[]>;
  /** The version of the manifest up to which the account's storage was read; 0 before the first. */
  storageVersion(login: LoginId): Promise<bigint>;
  /** 32 bytes: opens what the account stores at the server; undefined where the phone did not give it yet. */
  masterKey(login: LoginId): Promise<Uint8Array | undefined>;
}

export interface SignalFamilyWrites extends SignalGroupWrites, SenderKeyWrites {
  /** Does nothing where the chat's timer has a later version. */
  setTimer(login: LoginId, chat: ChatId, timer: ExpireTimer): void;
  /** Does nothing where the chat's timer has this version, or a later one. */
  offerTimer(login: LoginId, chat: ChatId, timer: ExpireTimer): void;
  /** What was said in one chat goes on in another, which takes its timer where that is the later one. */
  moveTimer(login: LoginId, from: ChatId, to: ChatId): void;
  /** A profile that was read with another key is due to be read again. */
  setProfileKey(login: LoginId, person: PersonId, key: Uint8Array): void;
  /** As {@link setProfileKey}; does nothing where a key of theirs is known. */
  offerProfileKey(login: LoginId, person: PersonId, key: Uint8Array): void;
  setProfile(login: LoginId, person: PersonId, profile: ContactProfile): void;
  setStored(login: LoginId, person: PersonId, stored: StoredContact): void;
  /** The account's storage has nothing about them any more. */
  removeStored(login: LoginId, person: PersonId): void;
  setStorageVersion(login: LoginId, version: bigint): void;
  setMasterKey(login: LoginId, key: Uint8Array): void;
}

/** Signal's own tables, committed with everything else. */
export const signalFamily: FamilyKey<SignalFamilyReads, SignalFamilyWrites> = { family: "signal" };
