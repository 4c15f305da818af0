import type { BridgeError } from "../../src/core/model/errors.ts";
import type { EventId, RoomId, UserId } from "../../src/core/model/ids.ts";
import type { AccountState, Puppets } from "../../src/core/ports/double-puppets.ts";
import type { EventToSend } from "../../src/core/ports/homeserver.ts";
import type { MemoryHomeserver } from "./memory-homeserver.ts";
import { refused } from "./memory-room.ts";

type DirectChats = Readonly<Record<string, readonly string[]>>;

/** The double puppet port in memory; a test says whether it is installed. */
export class MemoryPuppets implements Puppets {
  there = false;
  readonly #homeserver: MemoryHomeserver;

  constructor(homeserver: MemoryHomeserver) {
    this.#homeserver = homeserver;
  }
  readonly joined: string[] = [];
  readonly #direct = new Map<UserId, DirectChats>();

  async installed(): Promise<boolean> {
    return this.there;
  }
  async account(user: UserId): Promise<AccountState> {
    const closed = this.#homeserver.closed.get(user);
    return closed === "erased" ? "deactivated" : (closed ?? "active");
  }
  async join(user: UserId, room: RoomId): Promise<void> {
    if (!user.endsWith(`:${this.#homeserver.serverName}`)) throw refused("a person of another server");
    this.#homeserver.lets(user, room);
    this.joined.push(`${user} ${room}`);
  }
  /** Thrown by the next sends, before or after the event was made. */
  readonly faults: { readonly when: "before" | "after"; readonly error: BridgeError }[] = [];
  /** What the homeserver pushes of what was sent as people. */
  sent: (event: EventId, room: RoomId) => void = () => {};
  async send(send: EventToSend): Promise<EventId> {
    const fault = this.faults.shift();
    if (fault?.when === "before") throw fault.error;
    const room = this.#homeserver.room(send.room);
    const existing = room.sentAs(send);
    const event = existing ?? room.say(send.sender, send.type, send.content, send.stateKey);
    if (!existing) {
      room.keepSent(event, send);
      this.sent(event, send.room);
    }
    if (fault) throw fault.error;
    return event;
  }
  readonly read: string[] = [];
  readonly tags: string[] = [];
  async markRead(user: UserId, room: RoomId, event: EventId): Promise<void> {
    this.read.push(`${user} ${room} ${event}`);
  }
  async directChats(user: UserId): Promise<DirectChats> {
    return this.#direct.get(user) ?? {};
  }
  async setDirectChats(user: UserId, chats: DirectChats): Promise<void> {
    this.#direct.set(user, chats);
  }
  /** The rooms that are quiet, with whom for. */
  readonly quiet = new Set<string>();
  readonly ignored = new Map<UserId, readonly UserId[]>();
  async setQuiet(user: UserId, room: RoomId, quiet: boolean): Promise<void> {
    const fault = this.faults.shift();
    if (fault) throw fault.error;
    if (quiet) this.quiet.add(`${user} ${room}`);
    else this.quiet.delete(`${user} ${room}`);
  }
  async setMarkedUnread(user: UserId, room: RoomId, unread: boolean): Promise<void> {
    const fault = this.faults.shift();
    if (fault) throw fault.error;
    for (const type of ["m.marked_unread", "com.famedly.marked_unread"])
      this.#homeserver.room(room).data.set(`${user} ${type}`, { unread });
  }
  async ignoredUsers(user: UserId): Promise<readonly UserId[]> {
    return this.ignored.get(user) ?? [];
  }
  async setTag(user: UserId, room: RoomId, tag: string, on: boolean): Promise<void> {
    this.tags.push(`${user} ${room} ${tag} ${on}`);
  }
}
