import type { EventId, RoomId, UserId } from "../../src/core/model/ids.ts";
import type { Call, Json } from "../../tools/matrix/api.ts";

/** A person at a homeserver, who acts by plain requests. */
export class HttpPerson {
  readonly user: UserId;
  readonly call: Call;
  #txn = 0;

  constructor(user: UserId, call: Call) {
    this.user = user;
    this.call = call;
  }

  async createRoom(body: Json = {}): Promise<RoomId> {
    return String((await this.call("POST", "v3/createRoom", body))["room_id"]) as RoomId;
  }

  async join(room: RoomId): Promise<void> {
    await this.call("POST", `v3/join/${encodeURIComponent(room)}`, {});
  }

  async leave(room: RoomId): Promise<void> {
    await this.call("POST", `v3/rooms/${encodeURIComponent(room)}/leave`, {});
  }

  async ban(room: RoomId, user: UserId): Promise<void> {
    await this.call("POST", `v3/rooms/${encodeURIComponent(room)}/ban`, { user_id: user });
  }

  /** Upgrades a room to version 12; answers the new room. */
  async upgrade(room: RoomId): Promise<RoomId> {
    const path = `v3/rooms/${encodeURIComponent(room)}/upgrade`;
    return String((await this.call("POST", path, { new_version: "12" }))["replacement_room"]) as RoomId;
  }

  async invite(room: RoomId, user: UserId): Promise<void> {
    await this.call("POST", `v3/rooms/${encodeURIComponent(room)}/invite`, { user_id: user });
  }

  say(room: RoomId, body: string): Promise<EventId> {
    return this.send(room, "m.room.message", { msgtype: "m.text", body });
  }

  async send(room: RoomId, type: string, content: Json): Promise<EventId> {
    this.#txn += 1;
    const path = `v3/rooms/${encodeURIComponent(room)}/send/${type}/person-${Date.now()}-${this.#txn}`;
    return String((await this.call("PUT", path, content))["event_id"]) as EventId;
  }

  async setState(room: RoomId, type: string, content: Json): Promise<void> {
    await this.call("PUT", `v3/rooms/${encodeURIComponent(room)}/state/${type}/`, content);
  }

  /** The room's events, oldest first. */
  async events(room: RoomId): Promise<readonly Json[]> {
    const answer = await this.call("GET", `v3/rooms/${encodeURIComponent(room)}/messages?dir=b&limit=500`);
    return (answer["chunk"] as Json[]).toReversed();
  }

  /** The person's own data of a room. */
  async roomData(room: RoomId, type: string): Promise<Json> {
    const person = encodeURIComponent(this.user);
    return this.call("GET", `v3/user/${person}/rooms/${encodeURIComponent(room)}/account_data/${type}`);
  }

  async state(room: RoomId, type: string, key = ""): Promise<Json> {
    return this.call("GET", `v3/rooms/${encodeURIComponent(room)}/state/${type}/${encodeURIComponent(key)}`);
  }
}
