import type { EventId, RoomId, UserId } from "../../src/core/model/ids.ts";
import type { HttpPerson } from "./http-person.ts";
import type { MemoryHomeserver } from "./memory-homeserver.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a person can do and see in a room, at any homeserver. */
export type RoomPerson = Pick<
  HttpPerson,
  | "user"
  | "join"
  | "say"
  | "send"
  | "setState"
  | "events"
  | "state"
  | "ban"
  | "upgrade"
  | "invite"
  | "roomData"
>;

/** A person at the homeserver in memory. */
export class MemoryPerson implements RoomPerson {
  readonly user: UserId;
  readonly #homeserver: MemoryHomeserver;

  constructor(homeserver: MemoryHomeserver, user: UserId) {
    this.#homeserver = homeserver;
    this.user = user;
  }

  async join(room: RoomId): Promise<void> {
    this.#homeserver.lets(this.user, room);
  }

  async ban(room: RoomId, user: UserId): Promise<void> {
    this.#homeserver.room(room).putOut(this.user, user, "ban");
  }

  async upgrade(room: RoomId): Promise<RoomId> {
    return this.#homeserver.upgrade(room, this.user, { trusted: false });
  }

  async invite(room: RoomId, user: UserId): Promise<void> {
    this.#homeserver.room(room).invite(this.user, user, false);
  }

  say(room: RoomId, body: string): Promise<EventId> {
    return this.send(room, "m.room.message", { msgtype: "m.text", body });
  }

  async send(room: RoomId, type: string, content: Json): Promise<EventId> {
    return this.#homeserver.room(room).say(this.user, type, content);
  }

  async setState(room: RoomId, type: string, content: Json): Promise<void> {
    this.#homeserver.room(room).setState(this.user, type, "", content);
  }

  async events(room: RoomId): Promise<readonly Json[]> {
    return this.#homeserver.room(room).timeline.map((event) => ({ ...event }));
  }

  async roomData(room: RoomId, type: string): Promise<Json> {
    const content = this.#homeserver.room(room).data.get(`${this.user} ${type}`);
    if (content === undefined) throw new Error("M_NOT_FOUND");
    return content;
  }

  async state(room: RoomId, type: string, key = ""): Promise<Json> {
    const content = this.#homeserver.room(room).state.get(`${type} ${key}`);
    if (content === undefined) throw new Error("M_NOT_FOUND");
    return content;
  }
}
