import { createHmac } from "node:crypto";
import { BridgeError } from "../../core/model/errors.ts";
import type { MatrixEvent } from "../../core/model/events.ts";
import type { EventId, OutboxId, RoomId, UserId } from "../../core/model/ids.ts";
import type { HomeserverFile, MediaFile, MediaTools } from "../../core/model/media.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { EventToSend, Homeserver, RoomPowers, RoomUsers, Sealed } from "../../core/ports/homeserver.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Metrics } from "../../core/ports/metrics.ts";
import type { RoomEncryption, RoomSpec } from "../../core/ports/rooms.ts";
import type { Encryption } from "../crypto/encryption.ts";
import { sealFile } from "../crypto/file-cipher.ts";
import type { ShutRooms } from "../crypto/shut-rooms.ts";
import { type Namespace, type NamespaceOptions, namespaceOf } from "../http/namespace.ts";
import { Requests, route } from "../http/requests.ts";
import type { Registration } from "../registration/registration.ts";
import { Accounts, hasProfile } from "./accounts.ts";
import { ContentRepository } from "./content-repository.ts";
import { Devices } from "./devices.ts";
import { EventSender } from "./event-sender.ts";
import type { Framework } from "./framework.ts";
import { Memberships } from "./memberships.ts";
import { readEvent, unopened } from "./read-event.ts";
import { roomCondition } from "./room-condition.ts";
import { createRoom, removeAlias } from "./room-creation.ts";
import { roomEncryption } from "./room-encryption.ts";
import { RoomLevels } from "./room-levels.ts";
import { getState, setState } from "./room-state.ts";
import { roomUse } from "./room-use.ts";
import { findSent, isEncrypted, membersOf, saidBefore, setTyping } from "./rooms.ts";

const NO_ENCRYPTION = {
  words:
    "An encrypted file does not cross while this bridge reads no encrypted rooms. Please upload it again here.",
  certain: true,
} as const;

export interface HomeserverOptions {
  readonly homeserverUrl: string;
  readonly registration: Registration;
  readonly names: NamespaceOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Stores files from the homeserver while they are needed. */
  readonly tools: Pick<MediaTools, "spool">;
  /** The most sockets for requests; the audit stream has its own. */
  readonly connections?: number;
  /** Absent where the bridge reads no encrypted rooms. */
  readonly encryption?: Encryption | undefined;
  /** Where {@link encryption} is absent: rooms that were encrypted while it was there. */
  readonly shut?: ShutRooms | undefined;
  /** When it aborts, running transfers and requests end. */
  readonly stopping?: AbortSignal | undefined;
}

/** The homeserver. Events are sent over our own connections; membership goes through the framework. */
export class MatrixHomeserver implements Homeserver, AsyncDisposable {
  readonly #options: HomeserverOptions;
  readonly #names: Namespace;
  readonly #requests: Requests;
  readonly #accounts: Accounts;
  readonly #devices: Devices;
  readonly #memberships: Memberships;
  readonly #sender: EventSender;
  readonly #files: ContentRepository;
  readonly #levels: RoomLevels;
  readonly encryption: RoomEncryption | undefined;
  #framework: Promise<Framework> | undefined;
  #restore: (user: UserId) => Promise<void> = (user) => this.register(user);

  constructor(options: HomeserverOptions) {
    const { homeserverUrl, registration, clock, metrics, connections, stopping } = options;
    this.#options = options;
    this.#names = namespaceOf(options.names);
    this.#requests = new Requests({
      homeserverUrl,
      asToken: registration.as_token,
      stopping,
      ...(connections === undefined ? {} : { connections }),
    });
    const { encryption, shut } = options;
    this.encryption = encryption && roomEncryption(this.#requests, this.#names.bot, encryption);
    this.#levels = new RoomLevels(this.#requests, this);
    this.#files = new ContentRepository({
      homeserverUrl,
      asToken: registration.as_token,
      bot: this.#names.bot,
      requests: this.#requests,
      spool: (bytes, limit) => options.tools.spool(bytes, limit),
      clock,
      stopping,
    });
    const restore = (user: UserId): Promise<void> => this.#restore(user);
    this.#accounts = new Accounts(this.#requests, restore);
    this.#devices = new Devices(this.#requests, clock);
    this.#memberships = new Memberships({
      requests: this.#requests,
      accounts: this.#accounts,
      bot: this.#names.bot,
      framework: () => this.#loadFramework(),
      encryption,
    });
    this.#sender = new EventSender({
      requests: this.#requests,
      accounts: this.#accounts,
      devices: this.#devices,
      bot: this.#names.bot,
      clock,
      metrics,
      admit: (user, room) => this.#memberships.admit(user, room),
      restore,
      encryption,
      shut,
    });
  }

  get bot(): UserId {
    return this.#names.bot;
  }

  get readsEncrypted(): boolean {
    return this.#options.encryption !== undefined;
  }

  get serverName(): string {
    return this.#names.serverName;
  }

  /** A keyed hash: phone numbers are few enough to try all, so the key is a token that the database lacks. */
  ghostId(whose: string): UserId {
    const digest = createHmac("sha256", this.#options.registration.as_token).update(whose).digest("hex");
    return this.#names.ghostId(digest.slice(0, 16));
  }

  isOurs(user: UserId): boolean {
    return this.#names.isOurs(user);
  }

  async register(user: UserId): Promise<void> {
    await this.#accounts.register(user);
    await this.#devices.make(user);
  }

  /** Calls `act` for a user of ours whose account the homeserver has lost; `act` registers them again and sets their profile. */
  whenLost(act: (user: UserId) => Promise<void>): void {
    this.#restore = act;
  }

  readonly displayName = (user: UserId) => this.#accounts.displayName(user, this.bot);

  async setDisplayName(user: UserId, name: string): Promise<void> {
    await this.#as(user, async () => {
      if ((await this.#accounts.displayName(user)) === name) return;
      await (await this.#loadFramework()).setDisplayName(user, name);
    });
  }

  readonly setAvatar = (user: UserId, uri: string) =>
    this.#as(user, () => this.#accounts.setAvatar(user, uri));

  readonly hasProfile = (user: UserId) => hasProfile(this.#requests, this.bot, user);

  readonly removeAlias = (key: string) =>
    this.#as(this.bot, () => removeAlias({ requests: this.#requests, names: this.#names }, key));

  readonly createRoom = (spec: RoomSpec) =>
    this.#as(this.bot, () =>
      createRoom({ ...this.#options, requests: this.#requests, names: this.#names }, spec),
    );

  readonly invite: Homeserver["invite"] = (...args) => this.#memberships.invite(...args);
  readonly join: Homeserver["join"] = (...args) => this.#memberships.join(...args);
  readonly leave: Homeserver["leave"] = (...args) => this.#memberships.leave(...args);
  readonly putOut: Homeserver["putOut"] = (...args) => this.#memberships.putOut(...args);

  readonly send = (event: EventToSend) => this.#sender.send(event);

  async findSent(room: RoomId, sender: UserId, row: OutboxId, since: number): Promise<EventId | undefined> {
    const ciphertext = await this.#options.encryption?.ciphertext(row);
    const wanted = { room, sender, row, ciphertext, since };
    return this.#as(this.bot, () => findSent(this.#requests, this.bot, wanted));
  }

  saidBefore(room: RoomId, event: EventId, sender: UserId | undefined): Promise<readonly EventId[]> {
    return saidBefore(this.#requests, this.bot, { room, event, sender });
  }

  async markRead(as: UserId, room: RoomId, event: EventId): Promise<void> {
    const path = route`/_matrix/client/v3/rooms/${room}/receipt/m.read/${event}`;
    await this.#as(as, () => this.#requests.json({ method: "POST", path, as, body: {} }));
  }

  readonly setTyping = (as: UserId, room: RoomId, active: boolean) =>
    setTyping(this.#requests, as, room, active);

  readonly members = (room: RoomId) => this.#as(this.bot, () => membersOf(this.#requests, this.bot, room));

  readonly roomCondition = (room: RoomId, users: RoomUsers) =>
    this.#as(this.bot, () => roomCondition(this.#requests, this.bot, room, users));

  readonly adoptRoom = (room: RoomId) => this.#levels.adopt(room);

  readonly roomUse = (room: RoomId, person: UserId) =>
    this.#as(this.bot, () => roomUse(this.#requests, this, room, person));

  readonly reserveMedia = (as: UserId) => this.#as(as, () => this.#files.reserve(as));

  putMedia(
    as: UserId,
    uri: string,
    file: Pick<MediaFile, "size" | "read">,
    mimetype: string,
    name?: string,
  ): Promise<void> {
    return this.#as(as, () => this.#files.put(as, uri, file, { mimetype, name }));
  }

  readonly hasMedia = (uri: string) => this.#as(this.bot, () => this.#files.has(uri));

  async openMedia(file: HomeserverFile, limit: number): Promise<MediaFile> {
    if (file.key !== undefined && !this.#options.encryption)
      throw new BridgeError("unsupported", NO_ENCRYPTION);
    return this.#as(this.bot, () => this.#files.open(file, limit));
  }

  async encrypts(event: Pick<EventToSend, "room" | "type" | "stateKey">): Promise<boolean> {
    const { encryption, shut } = this.#options;
    return (await (encryption ?? shut)?.encrypts(event)) ?? false;
  }

  readonly sealMedia = sealFile;

  readonly mediaLimit = () => this.#files.limit();

  setState(as: UserId, room: RoomId, type: string, stateKey: string, content: object): Promise<void> {
    const wanted = { bot: this.bot, as, room, type, stateKey, content };
    return this.#as(this.bot, () => this.#as(as, () => setState(this.#requests, wanted)));
  }

  readonly getState = (room: RoomId, type: string, stateKey: string) =>
    this.#as(this.bot, () => getState(this.#requests, this.bot, { room, type, stateKey }));

  readonly archiveRoom = (room: RoomId) => this.#as(this.bot, () => this.#levels.archive(room));

  readonly setPowers = (room: RoomId, powers: RoomPowers) =>
    this.#as(this.bot, () => this.#levels.set(room, powers));

  readonly isRuledBy: Homeserver["isRuledBy"] = (...args) =>
    this.#as(this.bot, () => this.#levels.isRuledBy(...args));

  readonly reopenRoom = (room: RoomId) => this.#as(this.bot, () => this.#levels.reopen(room));

  async open(event: Sealed, when?: "late"): Promise<MatrixEvent | undefined> {
    const { encryption } = this.#options;
    return encryption ? encryption.open(event, when) : unopened(event);
  }

  readonly event = (room: RoomId, event: EventId) =>
    this.#as(this.bot, () => readEvent(this.#requests, this, room, event, this.#options.encryption));

  async isUnreadable(room: RoomId): Promise<boolean> {
    if (this.#options.encryption) return false;
    return this.#as(this.bot, () => isEncrypted(this.#requests, this.bot, room));
  }

  readonly shutRooms = async () => this.#options.shut?.rooms ?? [];
  readonly letEncrypt: Homeserver["letEncrypt"] = (...args) =>
    this.#as(this.bot, () => this.#levels.letEncrypt(...args));

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#requests[Symbol.asyncDispose]();
    await this.#files[Symbol.asyncDispose]();
    const framework = await this.#framework?.catch(() => undefined);
    await framework?.[Symbol.asyncDispose]();
  }

  #as<Result>(user: UserId, act: () => Promise<Result>): Promise<Result> {
    return this.#accounts.actingAs(user, act);
  }

  /** Loads the framework at its first use: that takes half a second, which most starts need not wait for. */
  #loadFramework(): Promise<Framework> {
    this.#framework ??= this.#startFramework().catch((error: unknown) => {
      this.#framework = undefined;
      throw error;
    });
    return this.#framework;
  }

  async #startFramework(): Promise<Framework> {
    const { startFramework } = await import("./framework.ts");
    const { homeserverUrl, registration, log, stopping } = this.#options;
    return startFramework({ homeserverUrl, registration, log, stopping, serverName: this.serverName });
  }
}
