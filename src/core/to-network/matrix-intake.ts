import { forgetUploaded } from "../chats/avatars.ts";
import type { UnstorableEvents } from "../delivery/unstorable-events.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { RoomId } from "../model/ids.ts";
import { saneTime } from "../model/sane-time.ts";
import type { Clock } from "../ports/clock.ts";
import type { HomeserverSink } from "../ports/homeserver-sink.ts";
import type { Metrics } from "../ports/metrics.ts";
import { BATCH_SIZE, type Via } from "../ports/queues.ts";
import type { NewMatrixOutboxRow } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { Lanes } from "../runtime/lanes.ts";

/** The record of the audit stream's position. */
export const SYNC_SCOPE = "sync";
export const SYNC_TOKEN = "token";

/** The approximate length of a span in JSON, in characters. */
const SPAN_LENGTH = 64;

const MISSED =
  "The homeserver could not tell the bridge what was written here while the two were out of touch. " +
  "Messages without the bridge's receipt may not have been sent: please look, and write those again.";

interface MatrixIntakeParts {
  readonly store: Store;
  readonly unstorable: Pick<UnstorableEvents, "fromMatrix">;
  readonly clock: Pick<Clock, "now">;
  readonly metrics: Metrics;
  readonly lanes: Lanes<RoomId>;
  readonly notice: (room: RoomId, words: string) => NewMatrixOutboxRow;
  /** Called when the doubt about the homeserver's state is stored. */
  readonly rolledBack: () => void;
  readonly keysCame: (sessions: readonly string[]) => void;
  readonly tellAdministrators: (words: string) => Promise<void>;
}

/** Stores the events of both of the homeserver's streams, and holds the lanes while the audit stream has a gap. */
export class MatrixIntake implements HomeserverSink {
  readonly #parts: MatrixIntakeParts;
  readonly #caughtUpOnce = Promise.withResolvers<void>();
  #gap = true;
  #resumed = false;

  constructor(parts: MatrixIntakeParts) {
    this.#parts = parts;
    parts.lanes.hold();
  }

  async take(
    events: readonly MatrixEvent[],
    via: Via,
    token?: string,
    record?: (tx: Writes) => void,
  ): Promise<void> {
    const [first = [], ...more] = batchesOf(events);
    const last = more.pop() ?? first;
    for (const batch of last === first ? [] : [first, ...more]) await this.#commit(batch, via);
    if (last.length === 0 && token === undefined && !record) return;
    await this.#commit(last, via, (tx) => {
      if (token !== undefined) tx.records.set(SYNC_SCOPE, SYNC_TOKEN, token);
      record?.(tx);
    });
  }

  async #commit(
    events: readonly MatrixEvent[],
    via: Via,
    complete: (tx: Writes) => void = () => {},
  ): Promise<void> {
    const { store, unstorable, clock, metrics } = this.#parts;
    const now = clock.now();
    let isWhole = true;
    await unstorable.fromMatrix(events, async (some) => {
      isWhole = some === events;
      // Read at the write itself: an event held after the release would stay held.
      const held = this.#gap;
      const [newEvents] = await Promise.all([
        via === "push" ? store.matrixInbox.unknown(some.map(({ id }) => id)) : undefined,
        store.write((tx) => {
          for (const event of some) tx.matrixInbox.take({ ...event, at: saneTime(event.at, now) }, via, held);
          if (isWhole) complete(tx);
        }),
      ]);
      if (!newEvents) return;
      metrics.count("pushed_events", { seen: "first" }, newEvents.size);
      metrics.count("pushed_events", { seen: "again" }, some.length - newEvents.size);
    });
    if (!isWhole) await store.write(complete);
  }

  /** Whether the audit stream has caught up with the homeserver. */
  get caughtUp(): boolean {
    return !this.#gap;
  }

  /** Resolves when it has caught up for the first time. */
  get firstCaughtUp(): Promise<void> {
    return this.#caughtUpOnce.promise;
  }

  /** Lets the lanes handle stored events; called when the connections that they may need are starting. */
  resume(): void {
    this.#resumed = true;
    if (!this.#gap) this.#parts.lanes.release();
  }

  async rolledBack(): Promise<void> {
    await this.#parts.store.write((tx) => {
      tx.ghosts.doubt();
      tx.portals.doubt();
      forgetUploaded(tx);
    });
    this.#parts.rolledBack();
  }

  async missed(room: RoomId): Promise<void> {
    const row = this.#parts.notice(room, MISSED);
    await this.#parts.store.write((tx) => tx.matrixOutbox.add(row));
  }

  keysCame(sessions: readonly string[]): void {
    this.#parts.keysCame(sessions);
  }

  tellAdministrators(words: string): Promise<void> {
    return this.#parts.tellAdministrators(words);
  }

  gapOpened(): void {
    this.#gap = true;
    this.#parts.lanes.hold();
  }

  async gapClosed(): Promise<void> {
    // Events taken from here on are committed after the release, so they must not be held.
    this.#gap = false;
    try {
      await this.#parts.store.write((tx) => tx.matrixInbox.release());
    } catch (error) {
      this.#gap = true;
      throw error;
    }
    if (this.#gap) return;
    this.#caughtUpOnce.resolve();
    if (this.#resumed) this.#parts.lanes.release();
  }
}

/** The events in batches of a size that commits quickly, in order. */
function batchesOf(events: readonly MatrixEvent[]): readonly (readonly MatrixEvent[])[] {
  const out: MatrixEvent[][] = [];
  let size = BATCH_SIZE;
  for (const event of events) {
    size += sizeOf(event);
    if (size >= BATCH_SIZE) {
      out.push([]);
      size = sizeOf(event);
    }
    out.at(-1)?.push(event);
  }
  return out;
}

/** The approximate length of the event's JSON in characters. */
function sizeOf(event: MatrixEvent): number {
  if (event.kind === "encrypted") return event.sealed?.length ?? 0;
  if (event.kind !== "message" && event.kind !== "edit") return 0;
  const texts = event.message.parts.map((part) =>
    part.kind === "text" ? part.body : part.kind === "media" ? part.caption : undefined,
  );
  return texts.reduce(
    (sum, rich) => sum + (rich ? rich.text.length + rich.spans.length * SPAN_LENGTH : 0),
    0,
  );
}
