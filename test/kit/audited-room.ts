import type { RoomId, UserId } from "../../src/core/model/ids.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import { type Metrics, noMetrics } from "../../src/core/ports/metrics.ts";
import { AuditStream } from "../../src/matrix/inbound/audit-stream.ts";
import { FakeHomeserverWorld, quickClock } from "./fake-homeserver-world.ts";
import type { HttpPerson } from "./http-person.ts";
import { partText } from "./part-text.ts";

/** A portal with one person in it, and audit streams that read what happens there. */
export class AuditedRoom implements AsyncDisposable {
  readonly world: FakeHomeserverWorld;
  readonly alice: HttpPerson;
  room!: RoomId;
  readonly #metrics: Metrics;
  readonly #stack = new AsyncDisposableStack();

  private constructor(world: FakeHomeserverWorld, metrics: Metrics) {
    this.world = this.#stack.use(world);
    this.#metrics = metrics;
    this.alice = world.person("alice");
  }

  static async open(metrics: Metrics = noMetrics): Promise<AuditedRoom> {
    const opened = new AuditedRoom(await FakeHomeserverWorld.start({}, metrics), metrics);
    const { homeserver } = opened.world;
    await homeserver.register(homeserver.bot);
    opened.room = await opened.portal("first");
    return opened;
  }

  async portal(key: string): Promise<RoomId> {
    const { homeserver } = this.world;
    const room = await homeserver.createRoom({ key, direct: true, kind: "portal", state: [] });
    await homeserver.invite(homeserver.bot, this.alice.user, room, { direct: true });
    await this.alice.join(room);
    return room;
  }

  audit(
    since: string | undefined,
    clock: Clock = quickClock,
    keys?: ConstructorParameters<typeof AuditStream>[0]["keys"],
  ): AuditStream {
    const { fake, registration, homeserver, sink, log } = this.world;
    const stream = this.#stack.use(
      new AuditStream({
        homeserverUrl: fake.url,
        asToken: registration.as_token,
        bot: homeserver.bot,
        isOurs: (user: UserId) => homeserver.isOurs(user),
        sink,
        since,
        keys,
        restoreBot: () => homeserver.register(homeserver.bot),
        clock,
        log,
        metrics: this.#metrics,
      }),
    );
    stream.start();
    return stream;
  }

  /** The position where a first stream ended; from now on every push is lost. */
  async knownPlace(): Promise<string> {
    const { sink, fake } = this.world;
    await this.alice.say(this.room, "known already");
    const first = this.audit(undefined);
    await this.closed(1);
    const since = sink.tokens.at(-1) ?? "";
    await first[Symbol.asyncDispose]();
    sink.gaps.length = 0;
    if (fake.pusher) fake.pusher.quirks.drop = Number.POSITIVE_INFINITY;
    return since;
  }

  closed(times: number): Promise<void> {
    const { sink } = this.world;
    return sink.until(() => sink.gaps.filter((gap) => gap === "closed").length >= times);
  }

  /** The texts that the streams brought. */
  texts(): string[] {
    return this.world.sink
      .by("sync")
      .flatMap((event) => (event.kind === "message" ? event.message.parts.map(partText) : []));
  }

  /** How often a stream asked for `/sync`. */
  syncs(): number {
    return this.world.fake.requests.filter((line) => line.includes("/sync")).length;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
