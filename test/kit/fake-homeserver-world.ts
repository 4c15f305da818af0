import { setTimeout as realTimeout } from "node:timers";
import type { MatrixEvent, MatrixSignal } from "../../src/core/model/events.ts";
import type { RoomId, UserId } from "../../src/core/model/ids.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { HomeserverSink } from "../../src/core/ports/homeserver-sink.ts";
import type { Log, LogFields } from "../../src/core/ports/log.ts";
import { type Metrics, noMetrics } from "../../src/core/ports/metrics.ts";
import type { Via } from "../../src/core/ports/queues.ts";
import { OutageAwareHomeserver } from "../../src/matrix/health/outage-aware-homeserver.ts";
import { DoublePuppets } from "../../src/matrix/homeserver/double-puppets.ts";
import { AppserviceEndpoint } from "../../src/matrix/inbound/appservice-endpoint.ts";
import { buildDoublePuppetRegistration } from "../../src/matrix/registration/double-puppet-registration.ts";
import { buildRegistration, type Registration } from "../../src/matrix/registration/registration.ts";
import { matrixApi } from "../../tools/matrix/api.ts";
import { FakeHomeserver, type FakeHomeserverOptions } from "./fake-homeserver.ts";
import { HttpPerson } from "./http-person.ts";
import { testSpool } from "./test-spool.ts";

export const realClock: Clock = {
  now: () => Date.now(),
  after: (ms, act) => {
    const timer = realTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

/** A clock of real time that a test can move on. */
export class ShiftedClock implements Clock {
  shift = 0;

  now(): number {
    return Date.now() + this.shift;
  }

  after(ms: number, act: () => void): () => void {
    return realClock.after(ms, act);
  }
}

/** Milliseconds from which a wait is a time-out, which is not shortened, and no pause. */
const LIMIT = 10_000;

/** A clock whose pauses take a hundredth of their time. */
export const quickClock: Clock = {
  now: () => Date.now(),
  after: (ms, act) => realClock.after(ms < LIMIT ? ms / 100 : ms / 2, act),
};

export class LogLines implements Log {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: LogFields }[] = [];
  readonly #add =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void this.lines.push({ level, message, fields });
  readonly error = this.#add("error");
  readonly warn = this.#add("warn");
  readonly info = this.#add("info");
  readonly debug = this.#add("debug");
}

/** A sink that keeps what it gets, and lets a test wait for it. */
export class RecordingHomeserverSink implements HomeserverSink {
  readonly taken: { readonly event: MatrixEvent; readonly via: Via }[] = [];
  readonly tokens: string[] = [];
  readonly gaps: ("opened" | "closed")[] = [];
  readonly missing: RoomId[] = [];
  /** What administrators were told. */
  readonly told: string[] = [];
  rollbacks = 0;
  /** The error that the next `take` throws. */
  fault: Error | undefined;
  #waits: { readonly until: () => boolean; readonly resolve: () => void }[] = [];

  take(events: readonly MatrixEvent[], via: Via, token?: string): Promise<void> {
    const fault = this.fault;
    if (fault !== undefined) {
      this.fault = undefined;
      this.#changed();
      return Promise.reject(fault);
    }
    for (const event of events) this.taken.push({ event, via });
    if (token !== undefined) this.tokens.push(token);
    this.#changed();
    return Promise.resolve();
  }

  async rolledBack(): Promise<void> {
    this.rollbacks += 1;
    this.#changed();
  }

  async missed(room: RoomId): Promise<void> {
    this.missing.push(room);
    this.#changed();
  }

  keysCame(): void {}

  async tellAdministrators(words: string): Promise<void> {
    this.told.push(words);
    this.#changed();
  }

  gapOpened(): void {
    this.gaps.push("opened");
    this.#changed();
  }

  gapClosed(): Promise<void> {
    this.gaps.push("closed");
    this.#changed();
    return Promise.resolve();
  }

  by(via: Via): readonly MatrixEvent[] {
    return this.taken.filter((one) => one.via === via).map(({ event }) => event);
  }

  /** Resolves when the condition holds; it is checked after every change. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => this.#waits.push({ until: condition, resolve }));
  }

  #changed(): void {
    const due = this.#waits.filter(({ until }) => until());
    this.#waits = this.#waits.filter((wait) => !due.includes(wait));
    for (const { resolve } of due) resolve();
  }
}

export const names = { botLocalpart: "thirdparty", prefix: "_tpc_", serverName: "fake.test" } as const;

/** The Matrix side of the bridge between a fake homeserver and a sink that records. */
export class FakeHomeserverWorld implements AsyncDisposable {
  readonly fake: FakeHomeserver;
  readonly registration: Registration;
  readonly homeserver: OutageAwareHomeserver;
  readonly endpoint: AppserviceEndpoint;
  readonly endpointUrl: string;
  readonly sink: RecordingHomeserverSink;
  readonly signals: MatrixSignal[];
  readonly log: LogLines;
  readonly clock: ShiftedClock;
  readonly puppets: DoublePuppets;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    made: Omit<FakeHomeserverWorld, "person" | "deactivate" | "lock" | typeof Symbol.asyncDispose>,
    stack: AsyncDisposableStack,
  ) {
    this.fake = made.fake;
    this.registration = made.registration;
    this.homeserver = made.homeserver;
    this.endpoint = made.endpoint;
    this.endpointUrl = made.endpointUrl;
    this.sink = made.sink;
    this.signals = made.signals;
    this.log = made.log;
    this.clock = made.clock;
    this.puppets = made.puppets;
    this.#stack = stack;
  }

  static async start(
    options: FakeHomeserverOptions = {},
    metrics: Metrics = noMetrics,
  ): Promise<FakeHomeserverWorld> {
    await using stack = new AsyncDisposableStack();
    const fake = stack.use(await FakeHomeserver.start({ serverName: names.serverName, ...options }));
    const sink = new RecordingHomeserverSink();
    const log = new LogLines();
    const clock = new ShiftedClock();
    const tools = await testSpool(stack);
    const signals: MatrixSignal[] = [];
    const tokens = { as: "as-token", hs: "hs-token" };
    const base = { id: "thirdpartychats", ...names, protocols: ["whatsapp"], tokens };
    const homeserverOf = (registration: Registration) =>
      new OutageAwareHomeserver({
        homeserverUrl: fake.url,
        registration,
        names,
        clock,
        log,
        metrics,
        tools,
      });
    const registered = new Set<UserId>();
    const endpoint = stack.use(
      new AppserviceEndpoint({
        hsToken: tokens.hs,
        sink,
        isOurs: (user) => user.startsWith("@_tpc_") || user === "@thirdparty:fake.test",
        exists: (user) => registered.has(user),
        protocols: new Map([["whatsapp", "WhatsApp"]]),
        signals: (more) => void signals.push(...more),
        log,
        metrics,
      }),
    );
    const endpointUrl = `http://127.0.0.1:${await endpoint.listen("127.0.0.1", 0)}`;
    const registration = buildRegistration({ ...base, url: endpointUrl });
    const homeserver = stack.use(homeserverOf(registration));
    registered.add(homeserver.bot);
    fake.use(registration);
    const second = buildDoublePuppetRegistration({ id: "thirdpartychats", serverName: names.serverName });
    fake.usePuppets(second);
    const puppets = stack.use(
      new DoublePuppets({
        homeserverUrl: fake.url,
        serverName: names.serverName,
        asToken: second.as_token,
        bot: homeserver.bot,
        clock,
      }),
    );
    const made = {
      puppets,
      fake,
      registration,
      homeserver,
      endpoint,
      endpointUrl,
      sink,
      signals,
      log,
      clock,
    };
    return new FakeHomeserverWorld(made, stack.move());
  }

  person(localpart: string): HttpPerson {
    const user = `@${localpart}:${names.serverName}` as UserId;
    const token = this.fake.addPerson(user);
    return new HttpPerson(user, matrixApi(this.fake.url, token, AbortSignal.timeout(120_000)));
  }

  deactivate(user: string, erase: boolean): void {
    const { state } = this.fake;
    state.user(user).closed = erase ? "erased" : "deactivated";
    for (const room of state.rooms.values()) {
      if (state.membership(room, user) === "join")
        state.append(room, user, "m.room.member", { membership: "leave" }, user);
    }
  }

  lock(user: string): void {
    this.fake.state.user(user).closed = "locked";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
