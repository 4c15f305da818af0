import type { PersonId } from "../../../core/model/ids.ts";
import { personOf } from "../ids.ts";
import type { StoredContact } from "../records.ts";
import type { ContactRecord } from "../wire/gen/storage_pb.js";
import { readAci, readPni } from "../wire/service-id.ts";
import { storedTime } from "./stored-marks.ts";

/** What a record says about a contact. */
export interface ReadContact {
  /** Their account; where that is not known, their phone number's identity. */
  readonly person: PersonId;
  readonly profileKey: Uint8Array | undefined;
  readonly stored: StoredContact;
}

const PROFILE_KEY = 32;
/** The longest text that is taken of a name or number, in UTF-16 units. */
const LONGEST = 300;

/** Undefined where the record names nobody by a service id. */
export function readContact(record: ContactRecord, storageId: Uint8Array): ReadContact | undefined {
  const aci = personOf(readAci(record.aci, record.aciBinary));
  const pni = personOf(readPni(record.pni, record.pniBinary));
  const person = aci ?? pni;
  if (person === undefined) return undefined;
  const { profileKey, nickname } = record;
  return {
    person,
    profileKey: profileKey.length === PROFILE_KEY ? profileKey : undefined,
    stored: {
      pni,
      number: /^\+\d{1,20}$/.test(record.e164) ? record.e164 : undefined,
      username: text(record.username),
      contactName:
        text(record.systemNickname) ??
        text(`${record.systemGivenName} ${record.systemFamilyName}`) ??
        text(`${record.givenName} ${record.familyName}`),
      nickname: nickname && text(`${nickname.given} ${nickname.family}`),
      blocked: record.blocked,
      accepted: record.whitelisted,
      markedUnread: record.markedUnread,
      mutedUntil: storedTime(record.mutedUntilTimestamp),
      storageId,
    },
  };
}

function text(value: string): string | undefined {
  const trimmed = value.trim().slice(0, LONGEST);
  return trimmed === "" ? undefined : trimmed;
}
