import type { MatrixEvent } from "../../core/model/events.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { HomeserverSink } from "../../core/ports/homeserver.ts";
import { faultOf, type Log } from "../../core/ports/log.ts";
import type { Metrics } from "../../core/ports/metrics.ts";
import { decodeEvent } from "../events/decode.ts";
import { eventLoop } from "../http/event-loop.ts";
import { faultOfReply, refusalOf } from "../http/homeserver-error.ts";
import { Requests, route } from "../http/requests.ts";
import { AuditGap } from "./audit-gap.ts";
import { decodeSync, type RoomNews, sinceArrival } from "./decode-sync.ts";
import { MissedEvents } from "./missed-events.ts";
import { isOlder, type Reach } from "./page-back.ts";
import { PendingInvites } from "./pending-invites.ts";
import { isRolledBack, newestOf, oldestUnseen } from "./rolled-back.ts";
import { PAGE, syncFilter } from "./sync-filter.ts";
import { type Place, readPlace, storedPlace } from "./sync-position.ts";

export interface AuditOptions {
  readonly homeserverUrl: string;
  readonly asToken: string;
  readonly bot: UserId;
  readonly isOurs: (user: UserId) => boolean;
  readonly sink: HomeserverSink;
  /** Where the stream was left, as it was stored with the last events. */
  readonly since: string | undefined;
  /** The homeserver does not know the bot: it is made anew. */
  readonly restoreBot: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

const LONG_POLL = 30_000;
/** Milliseconds from one question to the next, at least; shorter than any restart, which the next one must notice. */
const GATHERING = 1000;
/**
 * Milliseconds after a gap in which nothing is gathered: Synapse loses events at the moment it takes up pushing again,
 * and what it pushes next must find them here already.
 */
const CLOSELY = 30_000;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2000;
const MiB = 1024 * 1024;

/**
 * Reads everything the bot can see a second time, by `/sync`: Synapse loses what it was about to push when it
 * is restarted. What was read is committed with the place in the stream; event ids drop the repeats.
 */
export class AuditStream implements AsyncDisposable {
  readonly #options: AuditOptions;
  readonly #requests: Requests;
  readonly #gap: AuditGap;
  readonly #invites: PendingInvites;
  readonly #missed: MissedEvents;
  readonly #stop = new AbortController();
  readonly #isOurs: (user: string) => boolean;
  #place: Place | undefined;
  /** The homeserver's place is not ours: what is younger than this is taken as if it were new. */
  #oldest: number | undefined;
  #running: Promise<void> | undefined;
  #wholeSince = 0;
  /** The last transaction was not taken. */
  #refusing = false;
  /** Times in a row that `/sync` was refused for the place it was asked from. */
  #unknownPlace = 0;

  constructor(options: AuditOptions) {
    this.#options = options;
    const { since, clock } = options;
    this.#place = since === undefined ? undefined : readPlace(since, clock.now());
    this.#gap = new AuditGap(options);
    this.#invites = new PendingInvites(options);
    this.#isOurs = (user) => options.isOurs(user as UserId);
    const { homeserverUrl, asToken } = options;
    this.#requests = new Requests({ homeserverUrl, asToken, connections: 2, maxResponse: 512 * MiB });
    this.#missed = new MissedEvents({ ...options, requests: this.#requests, signal: this.#stop.signal });
  }

  /** Opens the gap every start is, and reads until it is disposed. */
  start(): void {
    this.#gap.open("start", true);
    this.#running ??= this.#run();
  }

  /** Synapse loses events as well when it takes up pushing again after a refusal of ours. */
  pushed(outcome: "taken" | "refused"): void {
    if (outcome === "refused") this.#refusing = true;
    else if (this.#refusing) {
      this.#refusing = false;
      this.#wholeSince = this.#options.clock.now();
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
        for (;;) await this.#turn();
      } catch (error) {
        if (signal.aborted) return;
        const refusal = refusalOf(error);
        log.warn("the audit stream broke", { failures, status: refusal?.status, ...faultOf(error) });
        this.#gap.open("break", refusal === undefined);
      }
      await this.#pause(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(failures, 10)));
    }
  }

  /** A cheap question tells when the homeserver is there. Synapse may answer the first `/sync` from a cache. */
  async #catchUp(): Promise<void> {
    const path = route`/_matrix/client/versions`;
    await this.#requests.json({ method: "GET", path, timeout: 10_000, signal: this.#stop.signal });
    this.#gap.answered();
    await this.#doubt();
    if ((await this.#step(0)) > 0) await this.#step(0);
    await this.#gap.caughtUp();
    this.#wholeSince = this.#options.clock.now();
  }

  /** In a busy time one answer brings what a second held: each costs the homeserver as much as a message does. */
  async #turn(): Promise<void> {
    const { clock } = this.#options;
    const began = clock.now();
    await this.#step(LONG_POLL);
    if (this.#refusing || Math.abs(clock.now() - this.#wholeSince) < CLOSELY) return;
    const left = GATHERING - (clock.now() - began);
    if (left > 0) await this.#pause(Math.min(left, GATHERING));
  }

  /** Looks whether the homeserver is the one that was left: it may be an older copy of itself. */
  async #doubt(): Promise<void> {
    const { bot, sink, log } = this.#options;
    const place = this.#place;
    if (place === undefined || this.#oldest !== undefined) return;
    const unknown = this.#unknownPlace >= 2;
    if (!unknown && !(await isRolledBack(this.#requests, bot, place, this.#stop.signal))) return;
    log.error(
      unknown
        ? "the homeserver does not know the audit stream's place any more, so it begins anew"
        : "the homeserver lacks what it has shown before: an older copy of it may have been put back; what the bridge relies on is looked at again",
    );
    await sink.rolledBack();
    this.#unknownPlace = 0;
    this.#oldest = oldestUnseen(place);
  }

  /** One answer, committed; the number of events in it. */
  async #step(wait: number): Promise<number> {
    const { bot, sink, clock } = this.#options;
    const before = this.#place;
    const oldest = this.#oldest;
    const since = oldest === undefined ? before?.since : undefined;
    const body = await this.#ask(wait, since, before === undefined ? 1 : PAGE);
    const news = decodeSync(body, bot, this.#isOurs);
    if (news === undefined) throw faultOfReply({ status: 502, retryAfter: undefined, body: undefined });
    const reach: Reach | undefined =
      oldest !== undefined ? { oldest } : since === undefined ? undefined : { to: since };
    const events = reach === undefined ? [] : await this.#eventsOf(news.rooms, reach);
    for (const { room } of news.rooms) this.#invites.settled(room);
    for (const invite of news.invites) this.#invites.add(invite);
    const now = clock.now();
    const place: Place = {
      since: news.next,
      began: before?.began ?? now,
      at: now,
      newest: newestOf(news.rooms, oldest === undefined ? before?.newest : undefined),
    };
    if (events.length > 0 || news.next !== since) {
      await sink.take(events, "sync", this.#invites.size > 0 ? undefined : storedPlace(place));
    }
    this.#place = place;
    this.#oldest = undefined;
    return events.length;
  }

  async #ask(
    wait: number,
    since: string | undefined,
    limit: number,
  ): Promise<Readonly<Record<string, unknown>>> {
    try {
      const answer = await this.#requests.json({
        method: "GET",
        path: route`/_matrix/client/v3/sync`,
        as: this.#options.bot,
        query: {
          timeout: String(wait),
          set_presence: "offline",
          filter: syncFilter(limit),
          ...(since === undefined ? {} : { since }),
        },
        timeout: wait + 60_000,
        signal: this.#stop.signal,
      });
      this.#unknownPlace = 0;
      return answer;
    } catch (error) {
      const refusal = refusalOf(error);
      // Synapse says M_UNKNOWN, the specification knows no better; a proxy's 400 has no code.
      const unknown = since !== undefined && refusal?.status === 400 && refusal.code !== "no-errcode";
      this.#unknownPlace = unknown ? this.#unknownPlace + 1 : 0;
      if (refusal?.status === 403) await this.#options.restoreBot();
      throw error;
    }
  }

  async #eventsOf(rooms: readonly RoomNews[], reach: Reach): Promise<readonly MatrixEvent[]> {
    const events: MatrixEvent[] = [];
    for (const news of rooms) {
      const earlier =
        news.before === undefined ? [] : await this.#missed.before(news.room, news.before, reach);
      for (const raw of sinceArrival([...earlier, ...news.raw], this.#options.bot)) {
        if ("oldest" in reach && isOlder(raw, reach.oldest)) continue;
        await eventLoop.yield();
        const decoded = decodeEvent(raw, this.#isOurs, news.room);
        if (decoded.kind === "event") events.push(decoded.event);
        else if (decoded.why === "malformed")
          this.#options.log.warn("an event is malformed", { room: news.room });
      }
    }
    return events;
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const cancel = this.#options.clock.after(ms, done);
      if (signal.aborted) done();
      else signal.addEventListener("abort", done, { once: true });
    });
  }
}
