import { createHash } from "node:crypto";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { MatrixEvent } from "../../src/core/model/events.ts";
import type { EventId, OutboxId, RoomId, UserId } from "../../src/core/model/ids.ts";
import type { HomeserverFile, MediaFile } from "../../src/core/model/media.ts";
import type {
  EventToSend,
  Homeserver,
  RoomCondition,
  RoomPowers,
  RoomUse,
  RoomUsers,
  Sealed,
} from "../../src/core/ports/homeserver.ts";
import type { RoomSpec } from "../../src/core/ports/rooms.ts";
import { sealFile } from "../../src/matrix/crypto/file-cipher.ts";
import { decodeEvent } from "../../src/matrix/events/decode.ts";
import { conditionOf } from "../../src/matrix/homeserver/room-condition.ts";
import { roomUseOf } from "../../src/matrix/homeserver/room-use.ts";
import { AliasedRooms } from "./aliased-rooms.ts";
import { MemoryEncryption } from "./memory-encryption.ts";
import { MemoryFiles } from "./memory-files.ts";
import { MemoryRoom, refused } from "./memory-room.ts";
import { upgradedRoom } from "./upgraded-room.ts";

/** The homeserver port in memory, for flow tests, where the virtual clock must see every wait. */
export class MemoryHomeserver implements Homeserver {
  readonly serverName = "test";
  readonly secrecy = new MemoryEncryption();
  readonly bot = "@bot:test" as UserId;
  readonly rooms = new AliasedRooms();
  readonly registered = new Set<UserId>();
  readonly names = new Map<UserId, string>();
  readonly avatars = new Map<UserId, string>();
  readonly reads: { readonly as: UserId; readonly room: RoomId; readonly event: EventId }[] = [];
  readonly typing: { readonly as: UserId; readonly active: boolean }[] = [];
  readonly putOuts: { readonly room: RoomId; readonly user: UserId; readonly reason: string }[] = [];
  readonly files = new MemoryFiles();
  /** Bytes. */
  uploadLimit: number | undefined = 50_000_000;
  /** Accounts that are deactivated, erased or locked. */
  readonly closed = new Map<UserId, "deactivated" | "erased" | "locked">();
  /** The server's clock. */
  now: () => number = () => 0;
  /** Events that `event` answers, undefined for one that is gone; a test puts them here. */
  readonly written = new Map<EventId, MatrixEvent | undefined>();
  /** Errors that the next calls throw, in order, before they do anything; undefined lets one call pass. */
  readonly faults: (BridgeError | undefined)[] = [];
  /** While true, every call fails as in an outage. */
  away = false;
  /** Awaited by each call before it does anything. */
  before: () => Promise<void> = async () => {};
  /** Called after each send was stored and before it is answered. */
  afterSend: (event: EventToSend) => void = () => {};
  #count = 0;
  readonly #newId = (): EventId => `$${++this.#count}` as EventId;

  ghostId(whose: string): UserId {
    return `@_tpc_${createHash("sha256").update(whose).digest("hex").slice(0, 16)}:test` as UserId;
  }
  isOurs(user: UserId): boolean {
    return user === this.bot || user.startsWith("@_tpc_");
  }
  async register(user: UserId): Promise<void> {
    await this.#begin();
    this.registered.add(user);
  }
  async displayName(user: UserId): Promise<string | undefined> {
    await this.#begin();
    return this.names.get(user);
  }
  async setDisplayName(user: UserId, name: string): Promise<void> {
    await this.#begin();
    this.names.set(user, name);
  }
  async setAvatar(user: UserId, uri: string): Promise<void> {
    await this.#begin();
    this.avatars.set(user, uri);
  }
  async hasProfile(user: UserId): Promise<boolean> {
    await this.#begin();
    return this.closed.get(user) !== "erased";
  }
  async createRoom(spec: RoomSpec): Promise<RoomId> {
    await this.#begin();
    return this.rooms.make({ spec, creator: this.bot, newId: this.#newId, now: this.now }).id;
  }
  async removeAlias(key: string): Promise<void> {
    await this.#begin();
    this.rooms.unname(key);
  }
  /** Makes a person's room, with the bot invited or joined. */
  personMakes(name: string, person: UserId, bot: "invite" | "join"): RoomId {
    const id = `!${name}` as RoomId;
    const spec: RoomSpec = { key: name, direct: true, kind: "management", state: [] };
    const room = new MemoryRoom({ id, spec, creator: person, newId: this.#newId, now: this.now });
    room.member(this.bot, bot, person, { is_direct: true });
    this.rooms.set(name, room);
    return id;
  }
  async invite(as: UserId, user: UserId, room: RoomId, options: { readonly direct: boolean }): Promise<void> {
    await this.#begin();
    this.room(room).invite(as, user, options.direct);
  }
  async join(as: UserId, room: RoomId): Promise<void> {
    await this.#begin();
    this.lets(as, room);
  }
  async leave(as: UserId, id: RoomId, reason?: string): Promise<void> {
    await this.#begin();
    const room = this.#find(id);
    const member = room?.members.get(as);
    if (member === "join" || member === "invite")
      room?.member(as, "leave", as, reason === undefined ? {} : { reason });
  }
  async send(send: EventToSend): Promise<EventId> {
    await this.#begin();
    const room = this.room(send.room);
    const existing = room.sentAs(send);
    if (existing) return existing;
    this.secrecy.admit(send);
    if (send.sender !== this.bot && room.members.get(send.sender) !== "join") {
      room.invite(this.bot, send.sender, false);
      this.lets(send.sender, send.room);
    }
    const event = room.say(send.sender, send.type, send.content, send.stateKey);
    room.keepSent(event, send);
    this.afterSend(send);
    return event;
  }
  async findSent(room: RoomId, sender: UserId, row: OutboxId): Promise<EventId | undefined> {
    await this.#begin();
    return this.room(room).sentAs({ sender, id: row });
  }
  async saidBefore(room: RoomId, event: EventId, sender: UserId | undefined): Promise<readonly EventId[]> {
    await this.#begin();
    const { timeline } = this.room(room);
    const at = timeline.findIndex(({ event_id: id }) => id === event);
    const said = timeline
      .slice(0, Math.max(0, at))
      .filter(({ type }) => /^m\.room\.(?:message|encrypted)$/.test(type));
    return said
      .filter((before) => sender === undefined || before.sender === sender)
      .slice(-50)
      .map(({ event_id: id }) => id)
      .toReversed();
  }
  markRead = (as: UserId, room: RoomId, event: EventId): Promise<void> =>
    this.#begin().then(() => void this.reads.push({ as, room, event }));
  setTyping = (as: UserId, _room: RoomId, active: boolean): Promise<void> =>
    this.#begin().then(() => void this.typing.push({ as, active }));
  async members(room: RoomId): Promise<readonly UserId[]> {
    await this.#begin();
    return Array.from(this.room(room).members).flatMap(([user, is]) =>
      is === "join" || is === "invite" ? [user] : [],
    );
  }
  #find(id: RoomId): MemoryRoom | undefined {
    return Array.from(this.rooms.values()).find((existing) => existing.id === id);
  }
  async roomCondition(id: RoomId, users: RoomUsers): Promise<RoomCondition> {
    await this.#begin();
    const room = this.#find(id);
    return room ? conditionOf(room.stateEvents(), this.bot, users) : { kind: "shut" };
  }
  async roomUse(id: RoomId, person: UserId): Promise<RoomUse | undefined> {
    await this.#begin();
    const room = this.#find(id);
    return room && roomUseOf(room.stateEvents(), this, person);
  }
  adoptRoom = (id: RoomId): Promise<void> => this.#begin().then(() => this.room(id).adopt(this.bot));
  async putOut(room: RoomId, user: UserId, reason: string): Promise<void> {
    await this.#begin();
    if (!["join", "invite"].includes(this.room(room).members.get(user) ?? "")) return;
    this.room(room).putOut(this.bot, user, "leave");
    this.putOuts.push({ room, user, reason });
  }
  async setPowers(room: RoomId, powers: RoomPowers): Promise<void> {
    await this.#begin();
    this.room(room).setPowers(this, powers);
  }
  isRuledBy: Homeserver["isRuledBy"] = (room, ...rules) =>
    this.#begin().then(() => this.room(room).isRuledBy(this.bot, ...rules));
  /** Upgrades a room as Synapse does; the new room's creator is `by`. */
  upgrade(id: RoomId, by: UserId, { trusted = true } = {}): RoomId {
    const next = `!after-${id.slice(1)}` as RoomId;
    const upgraded = upgradedRoom(this.room(id), { id: next, by, trusted, bot: this.bot }, this.#newId);
    this.rooms.set(next.slice(1), upgraded);
    return next;
  }
  async reserveMedia(_as: UserId): Promise<string> {
    await this.#begin();
    const uri = `mxc://test/file${++this.#count}`;
    this.files.set(uri, undefined);
    return uri;
  }
  async putMedia(
    _as: UserId,
    uri: string,
    file: Pick<MediaFile, "size" | "read">,
    mimetype: string,
    name?: string,
  ): Promise<void> {
    await this.#begin();
    await this.files.put(uri, file, { mimetype, name });
  }
  hasMedia = (uri: string): Promise<boolean> =>
    this.#begin().then(() => this.files.get(uri)?.bytes !== undefined);
  async openMedia(file: HomeserverFile, limit: number): Promise<MediaFile> {
    await this.#begin();
    return this.files.open(file, limit);
  }
  encrypts = (event: Pick<EventToSend, "room" | "type" | "stateKey">) => this.secrecy.encrypts(event);
  sealMedia = sealFile;
  mediaLimit = (): Promise<number | undefined> => this.#begin().then(() => this.uploadLimit);
  async setState(as: UserId, room: RoomId, type: string, stateKey: string, content: object): Promise<void> {
    await this.#begin();
    this.room(room).setState(as, type, stateKey, { ...content });
  }
  async getState(room: RoomId, type: string, stateKey: string) {
    await this.#begin();
    return this.room(room).stateOf(type, stateKey);
  }
  archiveRoom = (room: RoomId): Promise<void> => this.#begin().then(() => this.room(room).archive(this.bot));
  reopenRoom = (room: RoomId): Promise<void> => this.#begin().then(() => this.room(room).reopen(this.bot));
  async event(room: RoomId, event: EventId): Promise<MatrixEvent | undefined> {
    await this.#begin();
    if (this.written.has(event)) return this.written.get(event);
    const said = this.room(room).timeline.find(({ event_id }) => event_id === event);
    const decoded = said && decodeEvent(said, () => false, room);
    return decoded?.kind === "event" ? decoded.event : undefined;
  }
  /** What encrypted events say, by their session, once its key is there. */
  readonly keys = new Map<string, MatrixEvent>();
  async open(event: Sealed): Promise<MatrixEvent | undefined> {
    if (event.sealed === undefined) return event;
    const opened = this.keys.get(event.sealed);
    if (opened) return opened;
    throw new BridgeError("unreadable", { words: "Its key has not come.", certain: true });
  }
  get readsEncrypted(): boolean {
    return this.secrecy.isOn;
  }
  get encryption() {
    const content = { algorithm: "m.megolm.v1.aes-sha2" };
    return this.secrecy.of((room) => this.setState(this.bot, room, "m.room.encryption", "", content));
  }
  shutRooms = async () => this.secrecy.shut;
  letEncrypt: Homeserver["letEncrypt"] = (room, kind) =>
    this.#begin().then(() => this.room(room).letEncrypt(this.bot, this.readsEncrypted, kind));
  async isUnreadable(room: RoomId): Promise<boolean> {
    await this.#begin();
    if (this.readsEncrypted) return false;
    return this.room(room).encrypted || this.room(room).state.has("m.room.encryption ");
  }

  /** Joins a user who is invited, or whom a restricted room lets in. */
  lets(user: UserId, id: RoomId): void {
    const within = (room: RoomId): boolean => this.room(room).members.get(user) === "join";
    const [displayname, avatar_url] = [this.names.get(user), this.avatars.get(user)];
    this.room(id).join(user, within, {
      ...(displayname === undefined ? {} : { displayname }),
      ...(avatar_url === undefined ? {} : { avatar_url }),
    });
  }

  /** Deactivates an account: it leaves every room, and its profile is deleted if it is erased. */
  deactivate(user: UserId, erase: boolean): void {
    this.closed.set(user, erase ? "erased" : "deactivated");
    for (const room of this.rooms.values()) {
      const member = room.members.get(user);
      if (member === "join" || member === "invite") room.member(user, "leave", user);
    }
  }

  room(id: RoomId): MemoryRoom {
    const room = this.#find(id);
    if (!room) throw refused("no such room");
    return room;
  }

  /** A room's messages as a client shows them, one line each behind the sender's name. */
  shown(id: RoomId): readonly string[] {
    const speaker = (user: UserId): string => (this.names.get(user) ?? "bot").replace(/ \(WhatsApp\)$/, "");
    return this.room(id)
      .events.filter(({ send }) => send.type === "m.room.message")
      .map(({ send }) => `${speaker(send.sender)}: ${String(send.content["body"])}`);
  }

  async #begin(): Promise<void> {
    await this.before();
    if (this.away)
      throw new BridgeError("homeserver-unreachable", { words: "away", certain: false, retryAfter: 0 });
    const fault = this.faults.shift();
    if (fault) throw fault;
  }
}
