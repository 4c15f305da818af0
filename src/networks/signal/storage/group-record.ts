import type { GroupV2Record } from "../wire/gen/storage_pb.js";
import { storedTime } from "./stored-marks.ts";

/** What a record says about a group, as it is kept here. */
export function readGroupRecord(record: GroupV2Record, storageId: Uint8Array) {
  const { blocked, whitelisted: accepted, archived, markedUnread } = record;
  const mutedUntil = storedTime(record.mutedUntilTimestamp);
  return { blocked, accepted, archived, markedUnread, mutedUntil, storageId };
}
