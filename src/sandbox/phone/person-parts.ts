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
import type { Spaces } from "../state/phone-inboxes.ts";
import type { Reports } from "../state/reports.ts";
import type { SignalTables } from "../state/signal-tables.ts";

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
  readonly inboxes: Spaces;
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
