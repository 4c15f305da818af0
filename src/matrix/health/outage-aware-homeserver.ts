import { BridgeError } from "../../core/model/errors.ts";
import type { UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Homeserver } from "../../core/ports/homeserver.ts";
import type { RoomEncryption } from "../../core/ports/rooms.ts";
import { type HomeserverOptions, MatrixHomeserver } from "../homeserver/matrix-homeserver.ts";
import { refusalOf } from "../http/homeserver-error.ts";
import { HomeserverProbe } from "./homeserver-probe.ts";
import { PartialOutages } from "./partial-outages.ts";

/**
 * The homeserver, with its failures told apart. An outage of it or of a part of it is `homeserver-unreachable`, and
 * callers wait without counting tries; a failure of a single request is `homeserver-fault`, and callers count the try.
 */
export class OutageAwareHomeserver implements Homeserver, AsyncDisposable {
  readonly #homeserver: MatrixHomeserver;
  readonly #probe: HomeserverProbe;
  readonly #partial = new PartialOutages();
  readonly #clock: Clock;

  readonly encryption: RoomEncryption | undefined;
  readonly shutRooms: Homeserver["shutRooms"] = () => this.#homeserver.shutRooms();

  constructor(options: HomeserverOptions) {
    this.#homeserver = new MatrixHomeserver(options);
    const { encryption } = this.#homeserver;
    this.encryption = encryption && {
      ...encryption,
      switchOn: (...args) => this.#request("switchOn", args, () => encryption.switchOn(...args)),
    };
    const { homeserverUrl, registration, clock, log, stopping } = options;
    this.#clock = clock;
    const { bot } = this.#homeserver;
    this.#probe = new HomeserverProbe({
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

  /** Whether an outage is going on. */
  get away(): boolean {
    return this.#probe.away;
  }

  /** Calls `act` at the end of every outage. */
  whenBack(act: () => void): void {
    this.#probe.whenBack(act);
  }

  /** Calls `act` for a user of ours whose account the homeserver has lost; `act` registers them again and sets their profile. */
  whenLost(act: (user: UserId) => Promise<void>): void {
    this.#homeserver.whenLost(act);
  }

  ghostId(whose: string): UserId {
    return this.#homeserver.ghostId(whose);
  }

  isOurs(user: UserId): boolean {
    return this.#homeserver.isOurs(user);
  }

  readonly register: Homeserver["register"] = (...args) =>
    this.#request("register", args, () => this.#homeserver.register(...args));
  readonly displayName: Homeserver["displayName"] = (...args) =>
    this.#request("displayName", args, () => this.#homeserver.displayName(...args));
  readonly setDisplayName: Homeserver["setDisplayName"] = (...args) =>
    this.#request("setDisplayName", args, () => this.#homeserver.setDisplayName(...args));
  readonly setAvatar: Homeserver["setAvatar"] = (...args) =>
    this.#request("setAvatar", args, () => this.#homeserver.setAvatar(...args));
  readonly hasProfile: Homeserver["hasProfile"] = (...args) =>
    this.#request("hasProfile", args, () => this.#homeserver.hasProfile(...args));
  readonly removeAlias: Homeserver["removeAlias"] = (...args) =>
    this.#request("removeAlias", args, () => this.#homeserver.removeAlias(...args));
  readonly createRoom: Homeserver["createRoom"] = (...args) =>
    this.#request("createRoom", args, () => this.#homeserver.createRoom(...args));
  readonly invite: Homeserver["invite"] = (...args) =>
    this.#request("invite", args, () => this.#homeserver.invite(...args));
  readonly join: Homeserver["join"] = (...args) =>
    this.#request("join", args, () => this.#homeserver.join(...args));
  readonly leave: Homeserver["leave"] = (...args) =>
    this.#request("leave", args, () => this.#homeserver.leave(...args));
  readonly send: Homeserver["send"] = (...args) =>
    this.#request("send", args, () => this.#homeserver.send(...args));
  readonly findSent: Homeserver["findSent"] = (...args) =>
    this.#request("findSent", args, () => this.#homeserver.findSent(...args));
  readonly saidBefore: Homeserver["saidBefore"] = (...args) =>
    this.#request("saidBefore", args, () => this.#homeserver.saidBefore(...args));
  readonly markRead: Homeserver["markRead"] = (...args) =>
    this.#request("markRead", args, () => this.#homeserver.markRead(...args));
  readonly setTyping: Homeserver["setTyping"] = (...args) =>
    this.#request("setTyping", args, () => this.#homeserver.setTyping(...args));
  readonly members: Homeserver["members"] = (...args) =>
    this.#request("members", args, () => this.#homeserver.members(...args));
  readonly roomCondition: Homeserver["roomCondition"] = (...args) =>
    this.#request("roomCondition", args, () => this.#homeserver.roomCondition(...args));
  readonly roomUse: Homeserver["roomUse"] = (...args) =>
    this.#request("roomUse", args, () => this.#homeserver.roomUse(...args));
  readonly adoptRoom: Homeserver["adoptRoom"] = (...args) =>
    this.#request("adoptRoom", args, () => this.#homeserver.adoptRoom(...args));
  readonly putOut: Homeserver["putOut"] = (...args) =>
    this.#request("putOut", args, () => this.#homeserver.putOut(...args));
  readonly setPowers: Homeserver["setPowers"] = (...args) =>
    this.#request("setPowers", args, () => this.#homeserver.setPowers(...args));
  readonly isRuledBy: Homeserver["isRuledBy"] = (...args) =>
    this.#request("isRuledBy", args, () => this.#homeserver.isRuledBy(...args));
  readonly reserveMedia: Homeserver["reserveMedia"] = (...args) =>
    this.#request("reserveMedia", args, () => this.#homeserver.reserveMedia(...args));
  readonly putMedia: Homeserver["putMedia"] = (...args) =>
    this.#request("putMedia", args, () => this.#homeserver.putMedia(...args));
  readonly hasMedia: Homeserver["hasMedia"] = (...args) =>
    this.#request("hasMedia", args, () => this.#homeserver.hasMedia(...args));
  readonly openMedia: Homeserver["openMedia"] = (...args) =>
    this.#request("openMedia", args, () => this.#homeserver.openMedia(...args));
  readonly encrypts: Homeserver["encrypts"] = (...args) =>
    this.#request("encrypts", args, () => this.#homeserver.encrypts(...args));
  readonly sealMedia: Homeserver["sealMedia"] = (...args) => this.#homeserver.sealMedia(...args);
  readonly mediaLimit: Homeserver["mediaLimit"] = (...args) =>
    this.#request("mediaLimit", args, () => this.#homeserver.mediaLimit(...args));
  readonly setState: Homeserver["setState"] = (...args) =>
    this.#request("setState", args, () => this.#homeserver.setState(...args));
  readonly getState: Homeserver["getState"] = (...args) =>
    this.#request("getState", args, () => this.#homeserver.getState(...args));
  readonly archiveRoom: Homeserver["archiveRoom"] = (...args) =>
    this.#request("archiveRoom", args, () => this.#homeserver.archiveRoom(...args));
  readonly reopenRoom: Homeserver["reopenRoom"] = (...args) =>
    this.#request("reopenRoom", args, () => this.#homeserver.reopenRoom(...args));
  readonly event: Homeserver["event"] = (...args) =>
    this.#request("event", args, () => this.#homeserver.event(...args));
  readonly open: Homeserver["open"] = (...args) =>
    this.#request("open", args, () => this.#homeserver.open(...args));
  readonly letEncrypt: Homeserver["letEncrypt"] = (...args) =>
    this.#request("letEncrypt", args, () => this.#homeserver.letEncrypt(...args));
  readonly isUnreadable: Homeserver["isUnreadable"] = (...args) =>
    this.#request("isUnreadable", args, () => this.#homeserver.isUnreadable(...args));

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#probe[Symbol.asyncDispose]();
    await this.#homeserver[Symbol.asyncDispose]();
  }

  async #request<Result>(
    kind: string,
    args: readonly unknown[],
    request: () => Promise<Result>,
  ): Promise<Result> {
    try {
      const result = await request();
      this.#partial.succeeded(kind, args);
      return result;
    } catch (error) {
      throw await this.#classify(error, kind, args);
    }
  }

  async #classify(error: unknown, kind: string, args: readonly unknown[]): Promise<unknown> {
    if (!(error instanceof BridgeError) || error.reason !== "homeserver-unreachable") return error;
    const refusal = refusalOf(error);
    // The homeserver limits the rate and says how long to wait.
    if (refusal?.status === 429) return error;
    // Where the connection failed, the homeserver never saw the request, so the request is not at fault.
    const asked = refusal !== undefined || !error.certain;
    if (!asked || !(await this.#probe.works())) {
      this.#probe.watch();
      return error;
    }
    const { certain, words, cause } = error;
    const wait = this.#partial.failed(kind, args, this.#clock.now());
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
