import { BridgeError } from "../../core/model/errors.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Homeserver } from "../../core/ports/homeserver.ts";
import { type HomeserverOptions, MatrixHomeserver } from "../homeserver/matrix-homeserver.ts";
import { refusalOf } from "../http/homeserver-error.ts";
import { HomeserverProbe } from "./homeserver-probe.ts";
import { PartialOutages } from "./partial-outages.ts";

/**
 * The homeserver with its failures told apart: one that fails on a single request, with whatever it answers or with
 * no answer, is not away. Whoever repeats such a request counts the tries; in an outage nobody does, of a part neither.
 */
export class OutageAwareHomeserver implements Homeserver, AsyncDisposable {
  readonly #homeserver: MatrixHomeserver;
  readonly #vigil: HomeserverProbe;
  readonly #partial = new PartialOutages();
  readonly #clock: Clock;

  constructor(options: HomeserverOptions) {
    this.#homeserver = new MatrixHomeserver(options);
    const { homeserverUrl, registration, clock, log, stopping } = options;
    this.#clock = clock;
    const { bot } = this.#homeserver;
    this.#vigil = new HomeserverProbe({
      homeserverUrl,
      asToken: registration.as_token,
      bot,
      clock,
      log,
      stopping,
    });
  }

  get bot(): UserId {
    return this.#homeserver.bot;
  }

  get serverName(): string {
    return this.#homeserver.serverName;
  }

  /** Whether an outage was met that is not over. */
  get away(): boolean {
    return this.#vigil.away;
  }

  /** Calls `act` at the end of every outage. */
  whenBack(act: () => void): void {
    this.#vigil.whenBack(act);
  }

  /** Calls `act` for a user of ours who was there and is gone; it registers them again, and more. */
  whenLost(act: (user: UserId) => Promise<void>): void {
    this.#homeserver.whenLost(act);
  }

  ghostId(whose: string): UserId {
    return this.#homeserver.ghostId(whose);
  }

  isOurs(user: UserId): boolean {
    return this.#homeserver.isOurs(user);
  }

  readonly register: Homeserver["register"] = (...given) =>
    this.#judged("register", given, () => this.#homeserver.register(...given));
  readonly setDisplayName: Homeserver["setDisplayName"] = (...given) =>
    this.#judged("setDisplayName", given, () => this.#homeserver.setDisplayName(...given));
  readonly setAvatar: Homeserver["setAvatar"] = (...given) =>
    this.#judged("setAvatar", given, () => this.#homeserver.setAvatar(...given));
  readonly hasProfile: Homeserver["hasProfile"] = (...given) =>
    this.#judged("hasProfile", given, () => this.#homeserver.hasProfile(...given));
  readonly createRoom: Homeserver["createRoom"] = (...given) =>
    this.#judged("createRoom", given, () => this.#homeserver.createRoom(...given));
  readonly invite: Homeserver["invite"] = (...given) =>
    this.#judged("invite", given, () => this.#homeserver.invite(...given));
  readonly join: Homeserver["join"] = (...given) =>
    this.#judged("join", given, () => this.#homeserver.join(...given));
  readonly leave: Homeserver["leave"] = (...given) =>
    this.#judged("leave", given, () => this.#homeserver.leave(...given));
  readonly send: Homeserver["send"] = (...given) =>
    this.#judged("send", given, () => this.#homeserver.send(...given));
  readonly findSent: Homeserver["findSent"] = (...given) =>
    this.#judged("findSent", given, () => this.#homeserver.findSent(...given));
  readonly saidBefore: Homeserver["saidBefore"] = (...given) =>
    this.#judged("saidBefore", given, () => this.#homeserver.saidBefore(...given));
  readonly markRead: Homeserver["markRead"] = (...given) =>
    this.#judged("markRead", given, () => this.#homeserver.markRead(...given));
  readonly setTyping: Homeserver["setTyping"] = (...given) =>
    this.#judged("setTyping", given, () => this.#homeserver.setTyping(...given));
  readonly members: Homeserver["members"] = (...given) =>
    this.#judged("members", given, () => this.#homeserver.members(...given));
  readonly roomCondition: Homeserver["roomCondition"] = (...given) =>
    this.#judged("roomCondition", given, () => this.#homeserver.roomCondition(...given));
  readonly adoptRoom: Homeserver["adoptRoom"] = (...given) =>
    this.#judged("adoptRoom", given, () => this.#homeserver.adoptRoom(...given));
  readonly reserveMedia: Homeserver["reserveMedia"] = (...given) =>
    this.#judged("reserveMedia", given, () => this.#homeserver.reserveMedia(...given));
  readonly putMedia: Homeserver["putMedia"] = (...given) =>
    this.#judged("putMedia", given, () => this.#homeserver.putMedia(...given));
  readonly hasMedia: Homeserver["hasMedia"] = (...given) =>
    this.#judged("hasMedia", given, () => this.#homeserver.hasMedia(...given));
  readonly openMedia: Homeserver["openMedia"] = (...given) =>
    this.#judged("openMedia", given, () => this.#homeserver.openMedia(...given));
  readonly mediaLimit: Homeserver["mediaLimit"] = (...given) =>
    this.#judged("mediaLimit", given, () => this.#homeserver.mediaLimit(...given));
  readonly setState: Homeserver["setState"] = (...given) =>
    this.#judged("setState", given, () => this.#homeserver.setState(...given));
  readonly getState: Homeserver["getState"] = (...given) =>
    this.#judged("getState", given, () => this.#homeserver.getState(...given));
  readonly archiveRoom: Homeserver["archiveRoom"] = (...given) =>
    this.#judged("archiveRoom", given, () => this.#homeserver.archiveRoom(...given));
  readonly reopenRoom: Homeserver["reopenRoom"] = (...given) =>
    this.#judged("reopenRoom", given, () => this.#homeserver.reopenRoom(...given));
  readonly event: Homeserver["event"] = (...given) =>
    this.#judged("event", given, () => this.#homeserver.event(...given));
  readonly isEncrypted: Homeserver["isEncrypted"] = (...given) =>
    this.#judged("isEncrypted", given, () => this.#homeserver.isEncrypted(...given));

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#vigil[Symbol.asyncDispose]();
    await this.#homeserver[Symbol.asyncDispose]();
  }

  async #judged<Result>(
    kind: string,
    given: readonly unknown[],
    request: () => Promise<Result>,
  ): Promise<Result> {
    try {
      const result = await request();
      this.#partial.worked(kind, given);
      return result;
    } catch (error) {
      throw await this.#verdict(error, kind, given);
    }
  }

  async #verdict(error: unknown, kind: string, given: readonly unknown[]): Promise<unknown> {
    if (!(error instanceof BridgeError) || error.reason !== "homeserver-unreachable") return error;
    const refusal = refusalOf(error);
    // It asks for patience itself, and says how much.
    if (refusal?.status === 429) return error;
    // Without a connection nothing was asked, so nothing that was asked is to blame.
    const asked = refusal !== undefined || !error.certain;
    if (!asked || !(await this.#vigil.works())) {
      this.#vigil.watch();
      return error;
    }
    const { certain, words, cause } = error;
    const wait = this.#partial.failed(kind, given, this.#clock.now());
    if (wait !== undefined) {
      return new BridgeError("homeserver-unreachable", { words, certain, retryAfter: wait, cause });
    }
    return new BridgeError("homeserver-fault", {
      words: "The homeserver works, but fails on this very request; its log tells its administrator why.",
      certain,
      retryAfter: 0,
      cause,
    });
  }
}
