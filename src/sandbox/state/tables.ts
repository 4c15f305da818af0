import { accountIdentities } from "./account-identities.ts";
import { accountTable } from "./accounts.ts";
import type { Db } from "./database.ts";
import { heldPrekeys } from "./held-prekeys.ts";
import { mailboxTable } from "./mailbox.ts";
import { mediaTables } from "./media-tables.ts";
import { messageTables } from "./message-tables.ts";
import { personTable } from "./person-table.ts";
import { phoneInboxes } from "./phone-inboxes.ts";
import { reportTable } from "./reports.ts";
import { signalTables } from "./signal-tables.ts";

/** Every table family over one file. */
export function tablesOf(db: Db) {
  return {
    accounts: accountTable(db),
    heldPrekeys: heldPrekeys(db),
    inboxes: phoneInboxes(db),
    mailbox: mailboxTable(db),
    media: mediaTables(db),
    messages: messageTables(db),
    personTable: personTable(db),
    identities: accountIdentities(db),
    reports: reportTable(db),
    signal: signalTables(db),
  };
}
