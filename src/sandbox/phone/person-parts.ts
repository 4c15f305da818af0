import type { Faults } from "../faults/faults.ts";
import type { Violations } from "../faults/violations.ts";
import type { Logger } from "../logger.ts";
import type { Accounts } from "../state/accounts.ts";
import type { CommitGroup } from "../state/commit-group.ts";
import type { HeldPrekeys } from "../state/held-prekeys.ts";
import type { Mailbox } from "../state/mailbox.ts";
import type { MediaTables } from "../state/media-tables.ts";
import type { MessageTables } from "../state/message-tables.ts";
import type { NetworkStates } from "../state/network-states.ts";
import type { PersonTable } from "../state/person-table.ts";
import type { PhoneInboxes } from "../state/phone-inboxes.ts";
import type { Reports } from "../state/reports.ts";
import type { SignalTables } from "../state/signal-tables.ts";

/** The tables and services that a person works with. */
export interface PersonParts {
  readonly commits: CommitGroup;
  readonly personTable: PersonTable;
  readonly signal: SignalTables;
  readonly messages: MessageTables;
  readonly media: MediaTables;
  readonly reports: Reports;
  readonly heldPrekeys: HeldPrekeys;
  readonly mailbox: Mailbox;
  readonly inboxes: PhoneInboxes;
  readonly accounts: Accounts;
  readonly states: NetworkStates;
  readonly faults: Faults;
  readonly violations: Violations;
  readonly log: Logger;
  /** Server time in microseconds, each later than the last. */
  readonly serverTime: () => number;
  /** To be called when a stanza for this account was committed. */
  readonly wake: (account: number) => void;
  /** To be called when a message with a file was committed: the phone fetches the file. */
  readonly fetchFile: (person: string, id: string) => void;
}
