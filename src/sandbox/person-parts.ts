import type { Accounts } from "./accounts.ts";
import type { CommitGroup } from "./commit-group.ts";
import type { Faults } from "./faults.ts";
import type { HeldPrekeys } from "./held-prekeys.ts";
import type { Inboxes } from "./inbox.ts";
import type { Logger } from "./logger.ts";
import type { Mailbox } from "./mailbox.ts";
import type { MediaTables } from "./media-tables.ts";
import type { MessageTables } from "./message-tables.ts";
import type { NetworkStates } from "./network-state.ts";
import type { PersonTable } from "./person-table.ts";
import type { Reports } from "./reports.ts";
import type { SignalTables } from "./signal-tables.ts";
import type { Violations } from "./violations.ts";

/** What a person is made of besides their own state: the tables, and the gatekeeper's post. */
export interface PersonParts {
  readonly commits: CommitGroup;
  readonly table: PersonTable;
  readonly signal: SignalTables;
  readonly messages: MessageTables;
  readonly media: MediaTables;
  readonly reports: Reports;
  readonly held: HeldPrekeys;
  readonly mailbox: Mailbox;
  readonly inboxes: Inboxes;
  readonly accounts: Accounts;
  readonly states: NetworkStates;
  readonly faults: Faults;
  readonly violations: Violations;
  readonly log: Logger;
  /** Server time in microseconds, each later than the last. */
  readonly serverTime: () => number;
  /** A letter for this account was committed. */
  readonly wake: (account: number) => void;
  /** A message with a file was committed: the phone fetches it. */
  readonly fetchFile: (person: string, id: string) => void;
}
