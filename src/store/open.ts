import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import { faultOf } from "../core/ports/log.ts";
import type { Store } from "../core/ports/store.ts";
import type { DatabaseFile } from "./database/connection.ts";
import { type OpenDatabase, openDatabase } from "./database/database.ts";
import { groupCommit } from "./database/group-commit.ts";
import type { Tables } from "./database/listed-record.ts";
import { families as allFamilies } from "./families/families.ts";
import { type FamilyTables, openFamilies } from "./families/family-tables.ts";
import { personDataReads } from "./person-data-reads.ts";
import { sweeper } from "./sweep.ts";
import { contactReads, contactWrites } from "./tables/contacts.ts";
import { deadLetterReads, deadLetterWrites } from "./tables/dead-letters.ts";
import { formerIdReads, formerIdWrites } from "./tables/former-ids.ts";
import { formerRoomReads, formerRoomWrites } from "./tables/former-rooms.ts";
import { ghostReads, ghostWrites } from "./tables/ghosts.ts";
import { guardHolds } from "./tables/guards.ts";
import { loginReads, loginWrites } from "./tables/logins.ts";
import { managementRoomReads, managementRoomWrites } from "./tables/management-rooms.ts";
import { matrixInboxReads, matrixInboxWrites } from "./tables/matrix-inbox.ts";
import { matrixOutboxReads, matrixOutboxWrites } from "./tables/matrix-outbox.ts";
import { expiryReads, expiryWrites } from "./tables/messages/expiries.ts";
import { learntIdReads, learntIdWrites } from "./tables/messages/learnt-ids.ts";
import { messageStatusWrites } from "./tables/messages/message-statuses.ts";
import { messageReads, messageWrites } from "./tables/messages/messages.ts";
import { reactionReads, reactionWrites } from "./tables/messages/reactions.ts";
import {
  revisionReads,
  revisionWrites,
  withdrawnReads,
  withdrawnWrites,
} from "./tables/messages/revisions.ts";
import { networkInboxReads, networkInboxWrites } from "./tables/network-inbox.ts";
import { networkOutboxReads, networkOutboxWrites } from "./tables/network-outbox.ts";
import { personDataWrites } from "./tables/person-data.ts";
import { portalMemberReads, portalMemberWrites } from "./tables/portal-members.ts";
import { portalReads, portalWrites } from "./tables/portals.ts";
import { recordReads, recordWrites } from "./tables/records.ts";
import { requestAnswerReads, requestAnswerWrites } from "./tables/request-answers.ts";
import { sharedGroupReads, sharedGroupWrites } from "./tables/shared-groups.ts";
import { toldReads, toldWrites } from "./tables/told.ts";

interface OpenStoreParts {
  /** Tells when rows are taken and end; the system's by default. */
  readonly clock?: Pick<Clock, "now">;
  readonly log: Log;
  /** The families whose tables are served; all of the bridge's by default. */
  readonly families?: readonly FamilyTables[];
}

/**
 * The bridge's store in one SQLite file. Throws a `storage` BridgeError with words where the file is not ours,
 * was written by a newer bridge, is in use by another one, or cannot be written.
 */
export function openStore({ path, key, ...around }: OpenStoreParts & DatabaseFile): Store {
  return storeOver(openDatabase({ path, key }, around.families ?? allFamilies), around);
}

/** The store of an open database; disposing it closes the database. */
export function storeOver(
  database: OpenDatabase,
  { clock = Date, log, families: served = allFamilies }: OpenStoreParts,
): Store {
  const { db } = database;
  const now = (): number => clock.now();
  let truncate = false;
  const deleted = (): void => {
    truncate = true;
  };

  const families = openFamilies(db, served);
  const matrixOutbox = matrixOutboxWrites(db, now);
  const tables: Tables = {
    logins: loginWrites(db, { forget: families.forget, deleted }),
    portals: portalWrites(db),
    portalMembers: portalMemberWrites(db),
    sharedGroups: sharedGroupWrites(db),
    formerRooms: formerRoomWrites(db),
    formerIds: formerIdWrites(db),
    requestAnswers: requestAnswerWrites(db),
    ghosts: ghostWrites(db),
    contacts: contactWrites(db),
    messages: messageWrites(db),
    matrixInbox: matrixInboxWrites(db, now),
    matrixOutbox,
    networkInbox: networkInboxWrites(db, now),
    networkOutbox: networkOutboxWrites(db, now, deleted),
    deadLetters: deadLetterWrites(db),
    rooms: managementRoomWrites(db),
    reactions: reactionWrites(db),
    revisions: revisionWrites(db),
    learntIds: learntIdWrites(db),
    withdrawn: withdrawnWrites(db),
    expiries: expiryWrites(db),
    records: recordWrites(db, sweeper(db, deleted)),
    told: toldWrites(db, matrixOutbox),
    messageStatuses: messageStatusWrites(db, matrixOutbox),
    personData: personDataWrites(db, deleted),
    family: families.writes,
  };

  /** Empties the write-ahead log too, which still holds the pages from before a deletion. */
  const committed = (): void => {
    if (!truncate) return;
    truncate = false;
    const patience = db.pragma("busy_timeout", { simple: true });
    try {
      // Nobody waits for a reader beside the bridge, such as a backup: the next commit tries again.
      db.pragma("busy_timeout = 0");
      truncate = db.pragma("wal_checkpoint(TRUNCATE)", { simple: true }) === 1;
    } catch (error) {
      log.warn("the write-ahead log was not truncated", faultOf(error));
    } finally {
      db.pragma(`busy_timeout = ${Number(patience)}`);
    }
  };

  const commits = groupCommit(db, { tables, holds: guardHolds(db), committed, log });
  return {
    write: commits.write,
    logins: loginReads(db),
    portals: portalReads(db),
    portalMembers: portalMemberReads(db),
    sharedGroups: sharedGroupReads(db),
    formerRooms: formerRoomReads(db),
    formerIds: formerIdReads(db),
    requestAnswers: requestAnswerReads(db),
    ghosts: ghostReads(db),
    contacts: contactReads(db),
    messages: messageReads(db),
    matrixInbox: matrixInboxReads(db),
    matrixOutbox: matrixOutboxReads(db),
    networkInbox: networkInboxReads(db),
    networkOutbox: networkOutboxReads(db),
    deadLetters: deadLetterReads(db),
    rooms: managementRoomReads(db),
    reactions: reactionReads(db),
    revisions: revisionReads(db),
    learntIds: learntIdReads(db),
    withdrawn: withdrawnReads(db),
    expiries: expiryReads(db),
    records: recordReads(db),
    told: toldReads(db),
    personData: personDataReads(db),
    family: families.reads,
    async [Symbol.asyncDispose]() {
      commits.close();
      database[Symbol.dispose]();
    },
  };
}
