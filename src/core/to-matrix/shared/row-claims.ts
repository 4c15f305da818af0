import { isIncomplete } from "../../chats/portals.ts";
import type { RemoteEvent } from "../../model/events.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Network } from "../../ports/network.ts";
import type { Login, NetworkInboxRow } from "../../ports/rows.ts";
import type { Store, Writes } from "../../ports/store.ts";
import type { Batch } from "../../runtime/batch.ts";
import { withoutRoom } from "../without-room.ts";
import { type ClaimedEvent, claimEvent, type SharedEvent, sharedEvent } from "./shared-events.ts";

export interface RowClaimsParts {
  readonly store: Store;
  readonly clock: Pick<Clock, "now">;
  /** Called when a login gets a copy of an event that a group's room shows or will show. */
  readonly copyThere: (row: NetworkInboxRow) => Promise<void>;
}

/** The login that a batch came to, and its network. */
export interface Receiver {
  readonly login: Login;
  readonly network: Network;
}

/** A row with whose event it is, and the event as those know it who share a group's room. */
export interface ClaimedRow extends ClaimedEvent {
  readonly row: NetworkInboxRow;
  readonly shared: SharedEvent | undefined;
  /** Ends the row, and says to the others that the room shows its event. */
  readonly end: (tx: Writes) => void;
}

/** Tells of a batch's rows whose event each is. In a direct chat, each is the event of the login that got it. */
export class RowClaims {
  readonly #parts: RowClaimsParts;
  readonly #batch: Pick<Batch<NetworkInboxRow>, "add">;
  readonly #login: Login;
  readonly #enter: (row: NetworkInboxRow) => Promise<void>;
  /** Whether the chat can be a group, as far as it was looked up. */
  #maybeGroup: boolean;

  /** `enter` invites the login's person to the room of a row's group. */
  constructor(
    parts: RowClaimsParts,
    batch: Pick<Batch<NetworkInboxRow>, "add">,
    { login, network }: Receiver,
    enter: (row: NetworkInboxRow) => Promise<void>,
  ) {
    this.#parts = parts;
    this.#batch = batch;
    this.#login = login;
    this.#enter = enter;
    this.#maybeGroup = network.groups === true;
  }

  /** Undefined where the room shows another login's copy of the event; the row is ended then. */
  async claim(row: NetworkInboxRow): Promise<ClaimedRow | undefined> {
    const { store, clock } = this.#parts;
    const shared = this.#maybeGroup ? await this.#sharedEvent(row) : undefined;
    if (shared?.repeated && !movesOwnPerson(row.event)) {
      await this.#endRepeated(row);
      return undefined;
    }
    const own = { login: this.#login, event: row.event };
    const claimed = shared ? await claimEvent(store, shared.group, own) : own;
    // Whose role changed knows it at their own login too.
    const isOthers = row.event.kind === "group-roles" && claimed.login.id !== this.#login.id;
    const learnt = isOthers ? await withoutRoom(store, row.event, this.#login) : undefined;
    const end = (tx: Writes): void => {
      learnt?.(tx);
      if (shared) tx.sharedGroups.shown(shared.mark, clock.now());
      tx.networkInbox.finish(row.seq);
    };
    return { ...claimed, row, shared, end };
  }

  /** The login's person is invited to the group's room first. */
  async #sharedEvent(row: NetworkInboxRow): Promise<SharedEvent | undefined> {
    const { store } = this.#parts;
    const portal = await store.portals.byChat(row.key);
    this.#maybeGroup = portal?.kind !== "direct";
    if (!this.#maybeGroup) return undefined;
    if (portal?.room === undefined || isIncomplete(portal)) await this.#enter(row);
    return sharedEvent(store, row);
  }

  async #endRepeated(row: NetworkInboxRow): Promise<void> {
    const learnt = await withoutRoom(this.#parts.store, row.event, this.#login);
    this.#batch.add((tx) => {
      learnt(tx);
      tx.networkInbox.finish(row.seq);
    }, row);
    await this.#parts.copyThere(row);
  }
}

/** Whether our own person joins, leaves or is invited, which each login must handle, even if another's copy was shown. */
export const movesOwnPerson = (event: RemoteEvent): boolean =>
  event.kind === "group-invited" ||
  (event.kind === "group-members" && event.changes.some(({ person }) => person === undefined));
