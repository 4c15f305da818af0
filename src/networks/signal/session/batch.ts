import type {
  RemoteEvent,
  RemoteReceipt,
  RemoteSignal,
  UnplacedDeletion,
} from "../../../core/model/events.ts";
import type { ChatId, PersonId } from "../../../core/model/ids.ts";
import type { Writes } from "../../../core/ports/store.ts";
import type { SignalTransaction } from "../../../signal-protocol/signal-transaction.ts";
import type { GroupState } from "../group-records.ts";
import type { ExpireTimer } from "../records.ts";
import type { ServiceId } from "../wire/service-id.ts";

/** What the messages of one unit of work gave, to be committed at once. */
export interface Batch {
  readonly work: SignalTransaction;
  readonly events: (RemoteEvent | UnplacedDeletion)[];
  /** Writes of the connector's own, committed with the events. */
  readonly writes: ((tx: Writes) => void)[];
  readonly receipts: RemoteReceipt[];
  readonly signals: RemoteSignal[];
  /** What follows once all is stored; it must not throw. */
  readonly afterwards: (() => void)[];
  /** Undo what was noted in memory, where the batch cannot be stored. */
  readonly undo: (() => void)[];
  /** The chats' timers as this batch leaves them. */
  readonly timers: Map<ChatId, ExpireTimer>;
  /** The groups' states as this batch leaves them. */
  readonly groups: Map<ChatId, GroupState>;
  /** Whose changed keys the batch's events tell. */
  readonly identitiesTold: Set<PersonId>;
  /** Whether nothing may follow in this batch: it gives our account another identity, with which the rest is read. */
  isLast: boolean;
}

export const newBatch = (work: SignalTransaction): Batch => ({
  work,
  events: [],
  writes: [],
  receipts: [],
  signals: [],
  afterwards: [],
  undo: [],
  timers: new Map(),
  groups: new Map(),
  identitiesTold: new Set(),
  isLast: false,
});

/** Where a decrypted message comes from. */
export interface MessageHead {
  readonly sender: PersonId;
  readonly device: number;
  /** By the sender's clock: the message's name, in milliseconds since the epoch. */
  readonly timestamp: number;
  /** When the server took it: milliseconds since the epoch. */
  readonly at: number;
  /** The identity of our account's new phone number, by the server's word. */
  readonly updatedPni?: ServiceId | undefined;
  /** The id of the group that it is for, where its envelope says so. */
  readonly group?: Uint8Array | undefined;
  /** It was held until its group's state was there; absent where it comes from the server. */
  readonly waited?: boolean;
}
