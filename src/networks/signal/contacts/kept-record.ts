import { create } from "@bufbuild/protobuf";
import type { ChatId, LoginId, PersonId } from "../../../core/model/ids.ts";
import type { Store, Writes } from "../../../core/ports/store.ts";
import { chatWith, isNumberOnly, serviceIdOf } from "../ids.ts";
import { signalFamily } from "../records.ts";
import { type ReadContact, readContact } from "../storage/contact-record.ts";
import { readGroupRecord } from "../storage/group-record.ts";
import { CONTACT, GROUP } from "../storage/stored-account.ts";
import {
  type ContactRecord,
  ContactRecordSchema,
  type GroupV2Record,
  GroupV2RecordSchema,
  type StorageRecord,
} from "../wire/gen/storage_pb.js";
import { uuidBytes } from "../wire/service-id.ts";

/** One record of the account that we change, and what is kept of it here. */
export interface KeptRecord<Value> {
  /** Its number in a manifest. */
  readonly type: number;
  /** The id under which it was read last; undefined where none is known. */
  storageId(): Promise<Uint8Array | undefined>;
  /** A new one, where there is none. */
  fresh(): Value;
  /** Undefined where the record is another kind's. */
  valueOf(record: StorageRecord): Value | undefined;
  recordOf(value: Value): StorageRecord["record"];
  /** Keeps it as it is under an id. */
  keep(tx: Writes, value: Value, id: Uint8Array): void;
}

interface RecordParts {
  readonly login: LoginId;
  readonly store: Store;
}

export const contactRecord = (
  { login, store }: RecordParts,
  person: PersonId,
): KeptRecord<ContactRecord> => ({
  type: CONTACT,
  storageId: async () => (await store.family(signalFamily).recipient(login, person))?.stored?.storageId,
  fresh: () => create(ContactRecordSchema, namesOf(person)),
  valueOf: ({ record }) => (record.case === "contact" ? record.value : undefined),
  recordOf: (value) => ({ case: "contact", value }),
  keep(tx, value, id) {
    const read = readContact(value, id);
    if (read) keepContact(tx, login, read);
  },
});

/** Of a group that was added to what is known here. */
export const groupRecord = (
  { login, store }: RecordParts,
  { chat, masterKey }: { readonly chat: ChatId; readonly masterKey: Uint8Array },
): KeptRecord<GroupV2Record> => ({
  type: GROUP,
  storageId: async () => (await store.family(signalFamily).group(login, chat))?.stored?.storageId,
  fresh: () => create(GroupV2RecordSchema, { masterKey }),
  valueOf: ({ record }) => (record.case === "groupV2" ? record.value : undefined),
  recordOf: (value) => ({ case: "groupV2", value }),
  keep(tx, value, id) {
    tx.family(signalFamily).setStoredGroup(login, chat, readGroupRecord(value, id));
  },
});

export function keepContact(tx: Writes, login: LoginId, { person, profileKey, stored }: ReadContact): void {
  const signal = tx.family(signalFamily);
  signal.setStored(login, person, stored);
  if (stored.pni !== undefined && stored.pni !== person)
    signal.moveTimer(login, chatWith(stored.pni), chatWith(person));
  if (profileKey) signal.setProfileKey(login, person, profileKey);
}

function namesOf(person: PersonId) {
  const id = serviceIdOf(person);
  if (!isNumberOnly(person)) return { aci: id, aciBinary: uuidBytes(id) };
  const pni = id.slice(id.indexOf(":") + 1);
  return { pni, pniBinary: uuidBytes(pni) };
}
