import { withUsers } from "../chats/groups/mentions.ts";
import { ANSWER_SOON, type PendingIds } from "../delivery/pending-ids.ts";
import type { RemoteEvent } from "../model/events.ts";
import type { Login, NetworkInboxRow } from "../ports/rows.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import type { Store } from "../ports/store.ts";
import type { Batch } from "../runtime/batch.ts";
import type { Step } from "../runtime/lanes.ts";
import { BatchContexts } from "./batch-contexts.ts";
import { convertNetworkEvent } from "./convert-network-event.ts";
import type { EventContextsParts } from "./event-contexts.ts";
import { tellGroups } from "./groups/changed-identities.ts";
import { aboutMessage, targetIn } from "./message-history.ts";
import { MissingTargets, type MissingTargetsParts } from "./missing-targets.ts";
import { isCopy } from "./own/own-copies.ts";
import {
  type ClaimedRow,
  movesOwnPerson,
  type Receiver,
  RowClaims,
  type RowClaimsParts,
} from "./shared/row-claims.ts";
import { shareEvent } from "./shared/shared-events.ts";
import { withoutRoom } from "./without-room.ts";

/** Kinds that change what the contexts of later events say. */
const CHANGE_CONTEXT: ReadonlySet<RemoteEvent["kind"]> = new Set([
  "reachability",
  "identity-changed",
  "excluded",
  "joined",
  "group-name",
  "group-topic",
  "group-avatar",
  "group-members",
  "group-roles",
]);

export interface BatchConversionParts extends EventContextsParts, MissingTargetsParts, RowClaimsParts {
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly pendingIds: PendingIds;
}

/** Converts a batch of one chat's events, in order. */
export class BatchConversion {
  readonly #parts: BatchConversionParts;
  readonly #batch: Batch<NetworkInboxRow>;
  readonly #receiver: Receiver;
  readonly #contexts: BatchContexts;
  readonly #claims: RowClaims;
  readonly #missing: MissingTargets;

  constructor(parts: BatchConversionParts, batch: Batch<NetworkInboxRow>, receiver: Receiver) {
    this.#parts = parts;
    this.#batch = batch;
    this.#receiver = receiver;
    this.#contexts = new BatchContexts(parts, receiver.network);
    this.#claims = new RowClaims(parts, batch, receiver, (row) =>
      this.#contexts.of(receiver.login).enter(row),
    );
    this.#missing = new MissingTargets(parts, batch);
  }

  async run(): Promise<Step> {
    this.#batch.guard(() => this.#contexts.guards);
    for (const row of this.#batch) {
      await this.#parts.scheduler.yield();
      const awaited = await this.#missing.isAwaited(row);
      const step = await this.#take(row);
      if (step !== "more") return step;
      // What came before the message and waited for it goes before what comes after it: the next step begins with it.
      if (awaited) break;
    }
    await this.#missing.tellRest();
    return "more";
  }

  async #take(row: NetworkInboxRow): Promise<Step> {
    const claimed = await this.#claims.claim(row);
    if (!claimed) return "more";
    const copy = await this.#isCopy(claimed);
    if (copy === "unsure") return { wait: ANSWER_SOON };
    if (copy) this.#batch.add(claimed.end, row);
    else await this.#show(claimed);
    return "more";
  }

  /** Whether the event is the network's copy of what was written here; unsure until a login knows what ids it gave. */
  async #isCopy({ row, login, event }: ClaimedRow): Promise<boolean | "unsure"> {
    const { store, pendingIds } = this.#parts;
    const { login: receiver, network } = this.#receiver;
    if (await isCopy(store, network, login.id, event)) return true;
    if (login === receiver || network.messageId) return false;
    if (await pendingIds.isAwaited(network, { login: login.id, chat: row.key.chat })) return "unsure";
    // The message's id may have been stored between the two reads.
    return isCopy(store, network, login.id, event);
  }

  /** Converts an event, unless the message that it needs is missing. */
  async #show({ row, login, event: told, shared, end }: ClaimedRow): Promise<void> {
    const { store } = this.#parts;
    const { network, login: receiver } = this.#receiver;
    await this.#missing.storeDeletionOf(row.event.id);
    const asked = { ...row, key: { login: login.id, chat: row.key.chat }, event: told };
    const about = await aboutMessage(store, network, asked);
    const event = await withUsers(store, await store.portals.byChat(asked.key), about);
    const theirs = { ...asked, event };
    const context = await this.#contexts.of(login).of(theirs);
    if (this.#missing.putOff(row, event, context)) return;
    const repeated = shared?.repeated === true;
    const record = context
      ? await convertNetworkEvent(event, { ...context, repeated, broughtTo: receiver.id })
      : await withoutRoom(store, event, login);
    const tell = event.kind === "identity-changed" ? await tellGroups(this.#parts, event, login) : undefined;
    const share = shared && shareEvent(shared.group, login.id, event);
    this.#batch.add((tx) => {
      record(tx);
      tell?.(tx);
      share?.(tx);
      end(tx);
    }, row);
    await this.#beforeNext(theirs, login);
  }

  /** Commits what later events of the batch look up. */
  async #beforeNext(row: NetworkInboxRow, login: Login): Promise<void> {
    const moved = movesOwnPerson(row.event);
    const changesContext = moved || CHANGE_CONTEXT.has(row.event.kind);
    if (!changesContext && !this.#refersBack) return;
    await this.#batch.flush();
    if (changesContext) this.#contexts.forget();
    // A person who is back in a group is asked into its room, where others went on.
    if (moved) await this.#contexts.of(login).enter(row);
  }

  /** Whether an event of the batch refers to a message, which may be of the batch too. */
  get #refersBack(): boolean {
    return this.#batch.rows.some(({ event }) => targetIn(event) !== undefined);
  }
}
