import type { DeliveryStatus } from "../delivery/delivery-status.ts";
import type { UnstorableEvents } from "../delivery/unstorable-events.ts";
import type { RemoteEvent, UnplacedDeletion } from "../model/events.ts";
import { saneTime } from "../model/sane-time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Network } from "../ports/network.ts";
import type { Login, NetworkOutboxRow } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import { copiedRow, noteCopy } from "./own-copies.ts";
import { isUnplaced, placed, placeLate } from "./unplaced-deletions.ts";

type Brought = RemoteEvent | UnplacedDeletion;
type Copies = ReadonlyMap<Brought, NetworkOutboxRow>;

/** The storing of what was brought last. */
interface Storing {
  readonly stored: Promise<void>;
  /** What is brought meanwhile waits for it: something is looked up first. */
  readonly inTurn: boolean;
}

export interface BroughtEventsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly unstorable: Pick<UnstorableEvents, "fromNetwork">;
  readonly delivery: Pick<DeliveryStatus, "accepted">;
}

/** Stores what a login's network brings, in the order it is brought, also where something is looked up for it first. */
export class BroughtEvents {
  readonly #parts: BroughtEventsParts;
  readonly #login: Login;
  readonly #network: Network;
  #last: Storing | undefined;

  constructor(parts: BroughtEventsParts, login: Login, network: Network) {
    this.#parts = parts;
    this.#login = login;
    this.#network = network;
  }

  accept(brought: readonly Brought[], record: (tx: Writes) => void): Promise<void> {
    const plain = brought.every((event) => !isUnplaced(event) && event.sender !== undefined);
    const before = this.#last;
    const inTurn = !plain || before?.inTurn === true;
    const stored = inTurn
      ? this.#after(before?.stored, brought, record)
      : this.#take(brought, new Map(), record);
    const last = { stored, inTurn };
    this.#last = last;
    return stored.finally(() => {
      if (this.#last === last) this.#last = undefined;
    });
  }

  /** Fails with what is before it, for that is brought again, and this behind it. */
  async #after(
    before: Promise<void> | undefined,
    brought: readonly Brought[],
    record: (tx: Writes) => void,
  ): Promise<void> {
    await before;
    const events = await placed(this.#parts.store, this.#login.id, brought);
    await this.#take(events, await this.#copies(events), record);
  }

  async #copies(events: readonly Brought[]): Promise<Copies> {
    const copies = new Map<Brought, NetworkOutboxRow>();
    for (const event of events) {
      const row = isUnplaced(event)
        ? undefined
        : await copiedRow(this.#parts.store, this.#network, this.#login.id, event);
      if (row) copies.set(event, row);
    }
    return copies;
  }

  async #take(events: readonly Brought[], copies: Copies, record: (tx: Writes) => void): Promise<void> {
    const { store, clock, unstorable, delivery } = this.#parts;
    const login = this.#login;
    const network = this.#network;
    const at = clock.now();
    let together = true;
    await unstorable.fromNetwork({ login, network }, events, async (some) => {
      together = some === events;
      await store.write((tx) => {
        if (together) record(tx);
        for (const event of some) {
          const copied = copies.get(event);
          if (isUnplaced(event)) tx.networkInbox.takeUnplaced(login.id, event, at);
          else if (copied) noteCopy(tx, network, copied, event);
          else this.#takeOne(tx, { ...event, at: saneTime(event.at, at) }, at);
        }
      });
    });
    // Where an event was taken before what decrypted it, and that is lost, it comes again and is known.
    if (!together) await store.write(record);
    await placeLate(store, login.id, events, at);
    for (const row of copies.values()) if (row.state === "queued") delivery.accepted(row, network.id, false);
  }

  #takeOne(tx: Writes, event: RemoteEvent, at: number): void {
    tx.networkInbox.take(this.#login.id, event, at);
    // Before the room is told of it: what waits must not leave for the new key meanwhile.
    if (event.kind === "identity-changed") tx.contacts.setChanged(this.#login.id, event.sender);
  }
}
