import { type FakeEvent, type FakeRoom, type FakeState, MatrixFault } from "./fake-homeserver-state.ts";

type Json = Record<string, unknown>;

export interface Creation {
  readonly room_alias_name?: string;
  readonly name?: string;
  readonly topic?: string;
  readonly invite?: readonly string[];
  readonly is_direct?: boolean;
  readonly power_level_content_override?: Json;
  readonly creation_content?: Json;
  readonly initial_state?: readonly {
    readonly type: string;
    readonly state_key?: string;
    readonly content: Json;
  }[];
}

export interface CreationQuirks {
  readonly forceEncryption: boolean;
  /** Whether the server crashes after the alias is set, so that the room has no state. */
  readonly crash: boolean;
}

/** `POST /createRoom`, in Synapse's order: the alias first, then all state. */
export function createRoom(
  state: FakeState,
  creator: string,
  wanted: Creation,
  quirks: CreationQuirks,
): FakeRoom {
  const alias =
    wanted.room_alias_name === undefined ? undefined : `#${wanted.room_alias_name}:${state.serverName}`;
  if (alias !== undefined && state.aliases.has(alias)) {
    throw new MatrixFault(400, "M_ROOM_IN_USE", "Room alias already taken");
  }
  const users = wanted.power_level_content_override?.["users"];
  if (typeof users === "object" && users !== null && Object.hasOwn(users, creator)) {
    throw new MatrixFault(400, "M_BAD_JSON", "Creator must not be in power levels (room version 12)");
  }
  const room = state.addRoom(creator);
  if (alias !== undefined) state.aliases.set(alias, room.id);
  if (quirks.crash) throw new MatrixFault(500, "M_UNKNOWN", "Internal server error");
  const put = (type: string, content: Json, key = ""): FakeEvent =>
    state.append(room, creator, type, content, key);
  const given = new Set(
    (wanted.initial_state ?? []).map(({ type, state_key = "" }) => `${type}\n${state_key}`),
  );
  put("m.room.create", { room_version: "12", ...wanted.creation_content });
  put("m.room.member", { membership: "join", ...named(state, creator) }, creator);
  put("m.room.power_levels", {
    state_default: 50,
    invite: 50,
    users: {},
    ...wanted.power_level_content_override,
  });
  if (alias !== undefined && !given.has("m.room.canonical_alias\n")) put("m.room.canonical_alias", { alias });
  put("m.room.join_rules", { join_rule: "invite" });
  for (const { type, state_key = "", content } of wanted.initial_state ?? []) put(type, content, state_key);
  if (quirks.forceEncryption) put("m.room.encryption", { algorithm: "m.megolm.v1.aes-sha2" });
  if (wanted.name !== undefined) put("m.room.name", { name: wanted.name });
  if (wanted.topic !== undefined) put("m.room.topic", { topic: wanted.topic });
  for (const user of wanted.invite ?? []) invite(state, creator, room.id, user, wanted.is_direct === true);
  return room;
}

export function invite(
  state: FakeState,
  by: string,
  roomId: string,
  user: string,
  direct: boolean,
): FakeEvent {
  const room = state.roomFor(by, roomId);
  if (state.membership(room, user) === "join") {
    throw new MatrixFault(403, "M_FORBIDDEN", `${user} is already in the room.`);
  }
  refuseBanned(state, room, user, "invite");
  state.demand(room, by, "invite", true);
  const content = { membership: "invite", ...(direct ? { is_direct: true } : {}), ...named(state, user) };
  return state.append(room, by, "m.room.member", content, user);
}

export function join(state: FakeState, user: string, idOrAlias: string): FakeRoom {
  const room = state.rooms.get(state.aliases.get(idOrAlias) ?? idOrAlias);
  if (room === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "no such room");
  const membership = state.membership(room, user);
  if (membership === "join") return room;
  refuseBanned(state, room, user, "join");
  if (membership !== "invite" && !isOpen(state, room, user)) {
    throw new MatrixFault(403, "M_FORBIDDEN", "You are not invited to this room.");
  }
  state.append(room, user, "m.room.member", { membership: "join", ...named(state, user) }, user);
  return room;
}

function refuseBanned(state: FakeState, room: FakeRoom, user: string, act: string): void {
  if (state.membership(room, user) === "ban")
    throw new MatrixFault(403, "M_BAD_STATE", `Cannot ${act} user who was banned`);
}

/** Whether the room is public, or restricted to members of a room that the user is in. */
function isOpen(state: FakeState, room: FakeRoom, user: string): boolean {
  const { join_rule: rule, allow } = state.stateOf(room, "m.room.join_rules")?.content ?? {};
  if (rule !== "restricted") return rule === "public";
  return ((allow ?? []) as { readonly room_id?: string }[]).some(({ room_id: id = "" }) => {
    const other = state.rooms.get(id);
    return other !== undefined && state.membership(other, user) === "join";
  });
}

export function ban(state: FakeState, by: string, roomId: string, user: string): void {
  const room = state.roomFor(by, roomId);
  if (
    state.power(room, by) < state.needed(room, "ban", true) ||
    state.power(room, by) <= state.power(room, user)
  ) {
    throw new MatrixFault(403, "M_FORBIDDEN", "You don't have permission to ban this user");
  }
  state.append(room, by, "m.room.member", { membership: "ban" }, user);
}

/** Upgrades a room as Synapse does: the new room has a copy of the state, and the old one is closed. */
export function upgrade(state: FakeState, by: string, roomId: string): FakeRoom {
  const old = state.roomFor(by, roomId);
  state.demand(old, by, "m.room.tombstone", true);
  const room = state.addRoom(by);
  const put = (type: string, content: Json): FakeEvent => state.append(room, by, type, content, "");
  put("m.room.create", { room_version: "12", predecessor: { room_id: old.id } });
  state.append(room, by, "m.room.member", { membership: "join", ...named(state, by) }, by);
  const levels = state.stateOf(old, "m.room.power_levels")?.content ?? {};
  const { [by]: _, ...users } = (levels["users"] ?? {}) as Record<string, number>;
  put("m.room.power_levels", { ...levels, users });
  for (const type of ["m.room.join_rules", "m.room.history_visibility", "m.room.name", "m.room.topic"]) {
    const content = state.stateOf(old, type)?.content;
    if (content !== undefined) put(type, content);
  }
  const body = { body: "This room has been replaced", replacement_room: room.id };
  state.append(old, by, "m.room.tombstone", body, "");
  state.append(old, by, "m.room.power_levels", { ...levels, events_default: 50, invite: 50 }, "");
  return room;
}

export function leave(state: FakeState, user: string, roomId: string, reason?: unknown): void {
  const room = state.rooms.get(roomId);
  const membership = room && state.membership(room, user);
  if (room === undefined || (membership !== "join" && membership !== "invite")) {
    throw new MatrixFault(403, "M_FORBIDDEN", `User ${user} not in room`);
  }
  const why = typeof reason === "string" ? { reason } : {};
  state.append(room, user, "m.room.member", { membership: "leave", ...why }, user);
}

/** Sets a state event; the same content again makes no new event. */
export function putState(
  state: FakeState,
  by: string,
  roomId: string,
  type: string,
  key: string,
  content: Json,
): FakeEvent {
  if (type === "m.room.member" && key !== by && content["membership"] === "invite") {
    return invite(state, by, roomId, key, content["is_direct"] === true);
  }
  const room = state.roomFor(by, roomId);
  if (type !== "m.room.member") state.demand(room, by, type, true);
  const now = state.stateOf(room, type, key);
  if (now !== undefined && JSON.stringify(now.content) === JSON.stringify(content)) return now;
  return state.append(room, by, type, content, key);
}

const named = (state: FakeState, user: string): Json => {
  const { displayName, avatar } = state.users.get(user) ?? {};
  return {
    ...(displayName === undefined ? {} : { displayname: displayName }),
    ...(avatar === undefined ? {} : { avatar_url: avatar }),
  };
};
