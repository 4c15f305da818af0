import type { MatrixEvent } from "../../core/model/events.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { HomeserverSink } from "../../core/ports/homeserver-sink.ts";
import { faultOf, type Log } from "../../core/ports/log.ts";
import type { Metrics } from "../../core/ports/metrics.ts";
import type { Encryption } from "../crypto/encryption.ts";
import { decodeEvent } from "../events/decode.ts";
import { eventLoop } from "../http/event-loop.ts";
import { faultOfReply, refusalOf } from "../http/homeserver-error.ts";
import { Requests, route } from "../http/requests.ts";
import { AuditGap } from "./audit-gap.ts";
import { keySyncOf } from "./decode-key-sync.ts";
import { decodeSync, type RoomUpdate, sinceBotEntered } from "./decode-sync.ts";
import { MissedEvents } from "./missed-events.ts";
import { isOlder, type PageUntil } from "./page-back.ts";
import { PendingInvites } from "./pending-invites.ts";
import { isRolledBack, newestOf, oldestUnseen } from "./rolled-back.ts";
import { PAGE, syncFilter } from "./sync-filter.ts";
import { readSyncPosition, type SyncPosition, storedSyncPosition } from "./sync-position.ts";

export interface AuditStreamOptions {
  readonly homeserverUrl: string;
  readonly asToken: string;
  readonly bot: UserId;
  readonly isOurs: (user: UserId) => boolean;
  readonly sink: HomeserverSink;
  /** The stream's position, as it was stored with the last events. */
  readonly since: string | undefined;
  /** Registers the bot again; called when the homeserver has lost its account. */
  readonly restoreBot: () => Promise<void>;
  /** Who takes the keys that a `/sync` of its device brings; absent where the bridge reads no encrypted rooms. */
  readonly keys?:
    | (Pick<Encryption, "device" | "receive" | "settle" | "awaiting" | "whenAwaited"> & {
        readonly renewals: Pick<Encryption["renewals"], "deviceLost" | "isUnknown" | "isOlder">;
      })
    | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

const LONG_POLL = 30_000;
/** The least milliseconds between two requests; less than a homeserver's restart takes, so that no restart goes unnoticed. */
const POLL_INTERVAL = 1000;
/**
 * Milliseconds after a gap in which requests follow each other at once: Synapse loses events at the moment it resumes
 * pushing, and they must be in the inbox before its next push.
 */
const WATCH_CLOSELY = 30_000;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2000;
const MiB = 1024 * 1024;

/**
 * Reads all events of the bot's rooms by `/sync`, beside the pushes: Synapse loses pushes when it is restarted. Events
 * are committed with the stream's position; the inbox knows repeats by their event ids.
 */
export class AuditStream implements AsyncDisposable {
  readonly #options: AuditStreamOptions;
  readonly #requests: Requests;
  readonly #gap: AuditGap;
  readonly #invites: PendingInvites;
  readonly #missed: MissedEvents;
  readonly #stop = new AbortController();
  readonly #isOurs: (user: string) => boolean;
  #position: SyncPosition | undefined;
  /** Set when the homeserver does not know our position: the next request has none, and takes events since this time. */
  #takeSince: number | undefined;
  #running: Promise<void> | undefined;
  /** Ends the pause that is going on. */
  #hurry: () => void = () => {};
  #caughtUpAt = 0;
  /** Whether the bridge refused the last transaction. */
  #lastPushRefused = false;
  /** Whether the homeserver showed what the database would know if it were not older. */
  #isFileOlder = false;
  /** How often in a row the homeserver refused our position. */
  #refusedPositions = 0;

  constructor(options: AuditStreamOptions) {
    this.#options = options;
    const { since, clock } = options;
    this.#position = since === undefined ? undefined : readSyncPosition(since, clock.now());
    options.keys?.whenAwaited(() => this.#hurry());
    this.#gap = new AuditGap(options);
    this.#invites = new PendingInvites(options);
    this.#isOurs = (user) => options.isOurs(user as UserId);
    const { homeserverUrl, asToken } = options;
    this.#requests = new Requests({ homeserverUrl, asToken, connections: 2, maxResponse: 512 * MiB });
    this.#missed = new MissedEvents({ ...options, requests: this.#requests, signal: this.#stop.signal });
  }

  /** Opens the gap that every start is, and reads until disposed. */
  start(): void {
    this.#gap.open("start", true);
    this.#running ??= this.#run();
  }

  /** To be called after each transaction: Synapse may lose events when it resumes pushing after a refused one. */
  pushed(outcome: "taken" | "refused"): void {
    if (outcome === "refused") this.#lastPushRefused = true;
    else if (this.#lastPushRefused) {
      this.#lastPushRefused = false;
      this.#caughtUpAt = this.#options.clock.now();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#gap[Symbol.dispose]();
    this.#invites[Symbol.dispose]();
    await this.#requests[Symbol.asyncDispose]();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log } = this.#options;
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await this.#catchUp();
        failures = 0;
        for (;;) await this.#poll();
      } catch (error) {
        if (signal.aborted) return;
        const refusal = refusalOf(error);
        log.warn("the audit stream broke", { failures, status: refusal?.status, ...faultOf(error) });
        this.#gap.open("break", refusal === undefined);
      }
      await this.#pause(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(failures, 10)));
    }
  }

  /** Asks for `/versions` until the homeserver answers, then syncs twice: Synapse may answer the first from a cache. */
  async #catchUp(): Promise<void> {
    const path = route`/_matrix/client/versions`;
    await this.#requests.json({ method: "GET", path, timeout: 10_000, signal: this.#stop.signal });
    this.#gap.answered();
    await this.#checkRollback();
    if ((await this.#syncOnce(0)) > 0) await this.#syncOnce(0);
    await this.#gap.caughtUp();
    this.#caughtUpAt = this.#options.clock.now();
  }

  /**
   * Syncs once an interval at most: an answer costs the homeserver as much as a message, however many events it brings.
   * A key that an event waits for is asked for at once.
   */
  async #poll(): Promise<void> {
    const { clock, keys } = this.#options;
    const began = clock.now();
    await this.#syncOnce(LONG_POLL);
    if (this.#lastPushRefused || keys?.awaiting || Math.abs(clock.now() - this.#caughtUpAt) < WATCH_CLOSELY)
      return;
    const left = POLL_INTERVAL - (clock.now() - began);
    if (left > 0) await this.#pause(Math.min(left, POLL_INTERVAL), true);
  }

  /** Checks whether the homeserver was restored from an older copy. */
  async #checkRollback(): Promise<void> {
    const { bot, sink, log } = this.#options;
    const position = this.#position;
    if (position === undefined || this.#takeSince !== undefined) return;
    const unknown = this.#refusedPositions >= 2;
    if (!unknown && !(await isRolledBack(this.#requests, bot, position, this.#stop.signal))) return;
    log.error(
      unknown
        ? "the homeserver does not know the audit stream's place any more, so it begins anew"
        : "the homeserver lacks what it has shown before: an older copy of it may have been put back; what the bridge relies on is looked at again",
    );
    await sink.rolledBack();
    this.#refusedPositions = 0;
    this.#takeSince = oldestUnseen(position);
  }

  /** Syncs once and commits the answer; answers the number of events. */
  async #syncOnce(wait: number): Promise<number> {
    const { bot, sink, clock, keys } = this.#options;
    const before = this.#position;
    const oldest = this.#takeSince;
    const since = oldest === undefined ? before?.since : undefined;
    const device = await keys?.device();
    const body = await this.#ask(wait, since, { limit: before === undefined ? 1 : PAGE, device });
    const update = decodeSync(body, bot, this.#isOurs);
    if (update === undefined) throw faultOfReply({ status: 502, retryAfter: undefined, body: undefined });
    const until: PageUntil | undefined =
      oldest !== undefined ? { oldest } : since === undefined ? undefined : { to: since };
    const events = until === undefined ? [] : await this.#eventsOf(update.rooms, until);
    for (const { room } of update.rooms) this.#invites.remove(room);
    for (const invite of update.invites) this.#invites.add(invite);
    const now = clock.now();
    const position: SyncPosition = {
      since: update.next,
      began: before?.began ?? now,
      at: now,
      newest: newestOf(update.rooms, oldest === undefined ? before?.newest : undefined),
    };
    const token = this.#invites.size > 0 ? undefined : storedSyncPosition(position);
    if (keys) await keys.receive(keySyncOf(body), (record) => sink.take(events, "sync", token, record));
    else if (events.length > 0 || update.next !== since) await sink.take(events, "sync", token);
    this.#position = position;
    this.#takeSince = undefined;
    if (keys && this.#isFileOlder) {
      this.#options.log.error(
        "the homeserver shows encrypted events of ours that the database does not know: an older copy of it may have been put back",
      );
      await keys.renewals.isOlder("file");
      this.#isFileOlder = false;
    }
    if (keys) await this.#settle(keys);
    return events.length;
  }

  /** Keys that cannot be published now are published after a later sync. */
  async #settle(keys: Pick<Encryption, "settle">): Promise<void> {
    try {
      await keys.settle();
    } catch (error) {
      this.#stop.signal.throwIfAborted();
      this.#options.log.warn("the bot's keys could not be published", faultOf(error));
    }
  }

  async #ask(
    wait: number,
    since: string | undefined,
    { limit, device }: { readonly limit: number; readonly device: string | undefined },
  ): Promise<Readonly<Record<string, unknown>>> {
    try {
      const answer = await this.#requests.json({
        method: "GET",
        path: route`/_matrix/client/v3/sync`,
        as: this.#options.bot,
        ...(device === undefined ? {} : { device }),
        query: {
          timeout: String(wait),
          set_presence: "offline",
          filter: syncFilter(limit),
          ...(since === undefined ? {} : { since }),
        },
        timeout: wait + 60_000,
        signal: this.#stop.signal,
      });
      this.#refusedPositions = 0;
      return answer;
    } catch (error) {
      const refusal = refusalOf(error);
      // An unknown `since` has no errcode of its own: Synapse answers 400 M_UNKNOWN. A proxy's 400 has no errcode.
      const isLost = refusal?.code === "M_UNKNOWN_DEVICE";
      const unknown =
        since !== undefined && refusal?.status === 400 && refusal.code !== "no-errcode" && !isLost;
      this.#refusedPositions = unknown ? this.#refusedPositions + 1 : 0;
      if (isLost) await this.#options.keys?.renewals.deviceLost();
      if (refusal?.status === 403) await this.#options.restoreBot();
      throw error;
    }
  }

  async #eventsOf(rooms: readonly RoomUpdate[], until: PageUntil): Promise<readonly MatrixEvent[]> {
    const events: MatrixEvent[] = [];
    for (const update of rooms) {
      const earlier =
        update.before === undefined ? [] : await this.#missed.before(update.room, update.before, until);
      for (const raw of sinceBotEntered([...earlier, ...update.raw], this.#options.bot)) {
        if ("oldest" in until && isOlder(raw, until.oldest)) continue;
        await eventLoop.yield();
        if (await this.#options.keys?.renewals.isUnknown(raw)) this.#isFileOlder = true;
        const decoded = decodeEvent(raw, this.#isOurs, update.room);
        if (decoded.kind === "event") events.push(decoded.event);
        else if (decoded.why === "malformed")
          this.#options.log.warn("an event is malformed", { room: update.room });
      }
    }
    return events;
  }

  #pause(ms: number, mayHurry = false): Promise<void> {
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#hurry = () => {};
        signal.removeEventListener("abort", done);
        resolve();
      };
      const cancel = this.#options.clock.after(ms, done);
      if (signal.aborted) return done();
      if (mayHurry) this.#hurry = done;
      signal.addEventListener("abort", done, { once: true });
    });
  }
}
