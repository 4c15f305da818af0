import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import type { UnstorableEvents } from "../delivery/unstorable-events.ts";
import { expiryOf } from "../expiries/expiry-of.ts";
import type { RemoteEvent, UnplacedDeletion } from "../model/events.ts";
import { saneTime } from "../model/sane-time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Expiring } from "../ports/expiries.ts";
import type { Network } from "../ports/network.ts";
import type { Login, NetworkOutboxRow } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { FormerIds } from "../runtime/former-ids.ts";
import { copiedRow, learnFromCopy } from "./own/own-copies.ts";
import { isUnplaced, placed, placeLate } from "./unplaced-deletions.ts";

type Incoming = RemoteEvent | UnplacedDeletion;
/** The rows whose copies came, and the writes that they arrived. */
type Copies = ReadonlyMap<
  Incoming,
  { readonly row: NetworkOutboxRow; readonly arrived: (tx: Writes) => void }
>;

/** The latest storing of events. */
interface Storing {
  readonly stored: Promise<void>;
  /** Whether later events wait for it, because something is looked up first. */
  readonly inTurn: boolean;
}

export interface IncomingEventsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly unstorable: Pick<UnstorableEvents, "fromNetwork">;
  readonly delivery: Pick<DeliveryStatus, "accepted" | "arrived">;
}

/**
 * Stores what a login's network brings, in the order in which it comes, also where something must be looked up first.
 */
export class IncomingEvents {
  readonly #parts: IncomingEventsParts;
  readonly #login: Login;
  readonly #network: Network;
  readonly #formerIds: FormerIds;
  #last: Storing | undefined;

  constructor(parts: IncomingEventsParts, login: Login, network: Network, formerIds: FormerIds) {
    this.#parts = parts;
    this.#formerIds = formerIds;
    this.#login = login;
    this.#network = network;
  }

  accept(incoming: readonly Incoming[], record: (tx: Writes) => void): Promise<void> {
    const isPlain =
      this.#formerIds.isLoaded && incoming.every((event) => !isUnplaced(event) && event.sender !== undefined);
    const before = this.#last;
    const inTurn = !isPlain || before?.inTurn === true;
    const stored = inTurn
      ? this.#acceptAfter(before?.stored, incoming, record)
      : this.#take(this.#inPresentIds(incoming), new Map(), record);
    const last = { stored, inTurn };
    this.#last = last;
    return stored.finally(() => {
      if (this.#last === last) this.#last = undefined;
    });
  }

  /** Rejects if the events before were not stored: these come again, and this one after them. */
  async #acceptAfter(
    before: Promise<void> | undefined,
    incoming: readonly Incoming[],
    record: (tx: Writes) => void,
  ): Promise<void> {
    await before;
    await this.#formerIds.load();
    const events = await placed(this.#parts.store, this.#login.id, this.#inPresentIds(incoming));
    await this.#take(events, await this.#copies(events), record);
  }

  #inPresentIds(events: readonly Incoming[]): readonly Incoming[] {
    return events.map((event) => this.#formerIds.event(event));
  }

  async #copies(events: readonly Incoming[]): Promise<Copies> {
    const copies = new Map<Incoming, { row: NetworkOutboxRow; arrived: (tx: Writes) => void }>();
    for (const event of events) {
      const row = isUnplaced(event)
        ? undefined
        : await copiedRow(this.#parts.store, this.#network, this.#login.id, event);
      if (row) copies.set(event, { row, arrived: await this.#parts.delivery.arrived(row, "copy") });
    }
    return copies;
  }

  async #take(events: readonly Incoming[], copies: Copies, record: (tx: Writes) => void): Promise<void> {
    const { store, clock, unstorable, delivery } = this.#parts;
    const login = this.#login;
    const network = this.#network;
    const at = clock.now();
    let isWhole = true;
    await unstorable.fromNetwork({ login, network }, events, async (some) => {
      isWhole = some === events;
      await store.write((tx) => {
        if (isWhole) record(tx);
        for (const event of some) {
          const copied = copies.get(event);
          if (isUnplaced(event)) tx.networkInbox.takeUnplaced(login.id, event, at);
          else if (copied) {
            learnFromCopy(tx, network, copied.row, event);
            copied.arrived(tx);
            const expiring = this.#expiryOfCopy(copied.row, { ...event, at: saneTime(event.at, at) });
            if (expiring) tx.expiries.add(expiring);
          } else this.#takeOne(tx, { ...event, at: saneTime(event.at, at) }, at);
        }
      });
    });
    // An event may be stored without the ratchet step that decrypted it; it then comes again and counts as a repeat.
    if (!isWhole) await store.write(record);
    await placeLate(store, login.id, events, at);
    for (const { row } of copies.values())
      if (row.state === "queued") delivery.accepted(row, network.id, false);
  }

  /** The answer that said when it disappears may be lost. */
  #expiryOfCopy({ remoteId }: NetworkOutboxRow, event: RemoteEvent): Expiring | undefined {
    return event.kind === "message" ? expiryOf(this.#login.id, event, remoteId, event.message) : undefined;
  }

  #takeOne(tx: Writes, event: RemoteEvent, at: number): void {
    if (event.kind === "joined") {
      const { chat, sender: person, was } = event;
      tx.formerIds.join({ login: this.#login.id, chat, person, was }, this.#network.id, at);
    }
    tx.networkInbox.take(this.#login.id, event, at);
    // Stored at once, before the room is told: queued messages must not be sent for the new key meanwhile.
    if (event.kind === "identity-changed") tx.contacts.setChanged(this.#login.id, event.sender);
  }
}
