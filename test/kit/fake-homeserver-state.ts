/** Rooms, users and events of the fake homeserver: enough of the rules to refuse what a real one refuses. */

export interface FakeEvent {
  readonly event_id: string;
  readonly room_id: string;
  readonly type: string;
  readonly sender: string;
  readonly state_key?: string;
  content: Record<string, unknown>;
  readonly origin_server_ts: number;
  unsigned: Record<string, unknown>;
  /** The position in the server's stream, of which tokens are made. */
  readonly stream: number;
}

export interface FakeRoom {
  readonly id: string;
  readonly creator: string;
  readonly events: FakeEvent[];
  readonly state: Map<string, FakeEvent>;
}

export interface FakeUser {
  readonly id: string;
  readonly devices: Set<string>;
  displayName: string | undefined;
  avatar: string | undefined;
  closed: "deactivated" | "erased" | "locked" | undefined;
  /** By type, or by `room type` for a room's. */
  readonly accountData: Map<string, Record<string, unknown>>;
}

export class MatrixFault extends Error {
  readonly status: number;
  readonly errcode: string;
  readonly extra: object;

  constructor(status: number, errcode: string, error: string, extra = {}) {
    super(error);
    this.status = status;
    this.errcode = errcode;
    this.extra = extra;
  }
}

const freshUser = () => ({
  devices: new Set<string>(),
  displayName: undefined,
  avatar: undefined,
  closed: undefined,
  accountData: new Map<string, Record<string, unknown>>(),
});

const stateName = (type: string, key: string): string => `${type}\n${key}`;

export class FakeState {
  readonly serverName: string;
  readonly users = new Map<string, FakeUser>();
  readonly rooms = new Map<string, FakeRoom>();
  readonly aliases = new Map<string, string>();
  readonly timeline: FakeEvent[] = [];
  readonly byId = new Map<string, FakeEvent>();
  /** Called with every new event, in order. */
  readonly listeners = new Set<(event: FakeEvent) => void>();
  #made = 0;
  /** How often a copy was restored; a part of ids, so that none is used twice. */
  #lives = 0;

  constructor(serverName: string) {
    this.serverName = serverName;
  }

  /** The contents of the server's disk, to copy. */
  get contents() {
    const { users, rooms, aliases, timeline, byId } = this;
    return { users, rooms, aliases, timeline, byId };
  }

  replace({ users, rooms, aliases, timeline, byId }: FakeState["contents"]): void {
    this.#lives += 1;
    refill(this.users, users);
    refill(this.rooms, rooms);
    refill(this.aliases, aliases);
    refill(this.byId, byId);
    this.timeline.splice(0, Number.POSITIVE_INFINITY, ...timeline);
  }

  get position(): number {
    return this.timeline.length;
  }

  user(id: string): FakeUser {
    const user = this.users.get(id);
    if (user === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "no such user");
    return user;
  }

  addUser(id: string): FakeUser {
    const user = this.users.get(id) ?? { id, ...freshUser() };
    this.users.set(id, user);
    return user;
  }

  /** A room id of room version 12: it has no server name. */
  addRoom(creator: string): FakeRoom {
    const next = (): string => {
      this.#made += 1;
      return `!${Buffer.from(`room ${this.#made} of ${this.serverName}`).toString("base64url")}`;
    };
    let id = next();
    while (this.rooms.has(id)) id = next();
    const room: FakeRoom = { id, creator, events: [], state: new Map() };
    this.rooms.set(id, room);
    return room;
  }

  /** The room; throws for a user who is not in it. */
  roomFor(user: string, id: string): FakeRoom {
    const room = this.rooms.get(id);
    if (room === undefined || this.membership(room, user) !== "join") {
      throw new MatrixFault(403, "M_FORBIDDEN", `User ${user} not in room ${id}`);
    }
    return room;
  }

  stateOf(room: FakeRoom, type: string, key = ""): FakeEvent | undefined {
    return room.state.get(stateName(type, key));
  }

  membership(room: FakeRoom, user: string): string | undefined {
    const value = this.stateOf(room, "m.room.member", user)?.content["membership"];
    return typeof value === "string" ? value : undefined;
  }

  power(room: FakeRoom, user: string): number {
    if (user === room.creator) return Number.POSITIVE_INFINITY;
    const levels = this.#levels(room);
    return numberAt(levels["users"], user) ?? numberAt(levels, "users_default") ?? 0;
  }

  /** The power that an event of a type needs, `invite` and `kick` included. */
  needed(room: FakeRoom, type: string, isState: boolean): number {
    const levels = this.#levels(room);
    const standard = isState
      ? (numberAt(levels, "state_default") ?? 50)
      : (numberAt(levels, "events_default") ?? 0);
    if (type === "invite") return numberAt(levels, "invite") ?? 0;
    if (type === "kick") return numberAt(levels, "kick") ?? 50;
    return numberAt(levels["events"], type) ?? standard;
  }

  demand(room: FakeRoom, user: string, type: string, isState: boolean): void {
    if (this.power(room, user) < this.needed(room, type, isState)) {
      throw new MatrixFault(403, "M_FORBIDDEN", "You don't have permission to post that to the room");
    }
  }

  /** Appends an event without a check of power. */
  append(
    room: FakeRoom,
    sender: string,
    type: string,
    content: Record<string, unknown>,
    key?: string,
  ): FakeEvent {
    const event: FakeEvent = {
      event_id: `$${Buffer.from(`${this.serverName} event ${this.timeline.length + 1}${".".repeat(this.#lives)}`).toString("base64url")}`,
      room_id: room.id,
      type,
      sender,
      ...(key === undefined ? {} : { state_key: key }),
      content,
      origin_server_ts: Date.now(),
      unsigned: {},
      stream: this.timeline.length + 1,
    };
    this.timeline.push(event);
    this.byId.set(event.event_id, event);
    room.events.push(event);
    if (key !== undefined) room.state.set(stateName(type, key), event);
    if (type === "m.room.redaction") this.#redact(room, event);
    for (const listener of this.listeners) listener(event);
    return event;
  }

  #redact(room: FakeRoom, redaction: FakeEvent): void {
    const target = this.byId.get(String(redaction.content["redacts"]));
    if (target === undefined || target.room_id !== room.id) return;
    target.content = {};
    target.unsigned = { ...target.unsigned, redacted_because: { event_id: redaction.event_id } };
  }

  #levels(room: FakeRoom): Record<string, unknown> {
    return this.stateOf(room, "m.room.power_levels")?.content ?? {};
  }
}

function refill<Key, Value>(map: Map<Key, Value>, from: ReadonlyMap<Key, Value>): void {
  map.clear();
  for (const [key, value] of from) map.set(key, value);
}

function numberAt(value: unknown, key: string): number | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  const found = (value as Record<string, unknown>)[key];
  return typeof found === "number" ? found : undefined;
}
