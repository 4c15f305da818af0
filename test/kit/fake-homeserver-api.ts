import { created } from "./fake-homeserver-answer.ts";
import { ban, createRoom, invite, join, leave, putState, upgrade } from "./fake-homeserver-rooms.ts";
import { type FakeRoom, type FakeState, type FakeUser, MatrixFault } from "./fake-homeserver-state.ts";
import { clientEvent, context, messages } from "./fake-homeserver-sync.ts";

type Json = Record<string, unknown>;

/** The user of a request whose token was checked. */
export interface Caller {
  readonly user: string;
  readonly device: string | undefined;
  readonly appservice: boolean;
}

export interface ApiRequest {
  readonly method: string;
  /** The path's parts after `/_matrix/client/v3/`, decoded. */
  readonly parts: readonly string[];
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Json;
  /** The length of the raw body in characters. */
  readonly size: number;
  readonly caller: Caller;
}

export interface ApiHost {
  readonly state: FakeState;
  readonly forceEncryption: boolean;
  /** Event ids by transaction id: those that survive a restart, and those that do not. */
  readonly durableTxns: Map<string, string>;
  readonly memoryTxns: Map<string, string>;
  typing(room: FakeRoom, user: string, active: boolean): void;
  receipt(room: FakeRoom, user: string, event: string): void;
}

/** The client-server API except `/sync`, `/register` and what needs no user. */
export function clientApi(host: ApiHost, request: ApiRequest, crash: boolean): Json {
  const { state } = host;
  const { method, parts, body, caller } = request;
  const [kind = "", first = "", second = ""] = parts;
  switch (`${method} ${kind}`) {
    case "GET account":
      return { user_id: caller.user, ...(caller.device === undefined ? {} : { device_id: caller.device }) };
    case "GET devices":
      if (!state.user(caller.user).devices.has(first)) throw new MatrixFault(404, "M_NOT_FOUND", "No device");
      return { device_id: first };
    case "PUT devices":
      return putDevice(state.user(caller.user), first);
    case "DELETE devices":
      dropDevice(host, caller.user, first);
      return {};
    case "PUT profile":
      if (second === "avatar_url") state.user(caller.user).avatar = String(body["avatar_url"]);
      else state.user(caller.user).displayName = String(body["displayname"]);
      return {};
    case "GET profile":
      if (state.users.get(first)?.closed === "erased" || !state.users.has(first))
        throw new MatrixFault(404, "M_UNKNOWN", "No row found (profiles)");
      return {
        displayname: state.user(first).displayName ?? undefined,
        avatar_url: state.user(first).avatar ?? undefined,
      };
    case "POST createRoom":
      return {
        room_id: createRoom(state, caller.user, body, {
          forceEncryption: host.forceEncryption,
          crash,
        }).id,
      };
    case "GET directory":
    case "DELETE directory":
      return directory(state, method, second);
    case "POST join":
      return { room_id: join(state, caller.user, first).id };
    case "GET joined_rooms":
      return {
        joined_rooms: [...state.rooms.values()]
          .filter((room) => joined(state, room, caller))
          .map(({ id }) => id),
      };
    case "GET user":
    case "PUT user":
    case "DELETE user":
      return accountData(state, request);
    case "GET rooms":
    case "PUT rooms":
    case "POST rooms":
      return roomApi(host, request);
    default:
      throw new MatrixFault(404, "M_UNRECOGNIZED", "Unrecognized request");
  }
}

/** Makes a device for an application service (MSC4190): 201 where there was none. */
function putDevice({ devices }: FakeUser, device: string): Json {
  const answer = {};
  if (!devices.has(device)) created.add(answer);
  devices.add(device);
  return answer;
}

/** Deletes a device with its transaction ids, as Synapse does. */
export function dropDevice({ state, durableTxns }: ApiHost, user: string, device: string): void {
  state.user(user).devices.delete(device);
  for (const key of durableTxns.keys()) {
    const [, by, from] = key.split(" ");
    if (by === user && from === device) durableTxns.delete(key);
  }
}

const joined = (state: FakeState, room: FakeRoom, { user }: Caller): boolean =>
  state.membership(room, user) === "join";

function directory(state: FakeState, method: string, alias: string): Json {
  const room = state.aliases.get(alias);
  if (room === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "Room alias not found");
  if (method === "DELETE") state.aliases.delete(alias);
  return method === "DELETE" ? {} : { room_id: room, servers: [state.serverName] };
}

/** `/user/{user}/account_data/{type}`, the same of a room, and `/user/{user}/rooms/{room}/tags/{tag}` kept as `m.tag` of the room. */
function accountData(state: FakeState, { method, parts, body, caller }: ApiRequest): Json {
  const [, user = "", where = "", third = "", fourth = "", last = ""] = parts;
  if (user !== caller.user) throw new MatrixFault(403, "M_FORBIDDEN", "Cannot touch others' account data");
  const { accountData: data } = state.user(user);
  if (where === "account_data" || fourth === "account_data") {
    const key = where === "account_data" ? third : `${third} ${last}`;
    if (method === "PUT") data.set(key, body);
    const found = data.get(key);
    if (found === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "Account data not found");
    return method === "PUT" ? {} : found;
  }
  const tags = { ...data.get(`${third} m.tag`) };
  if (method === "PUT") tags[last] = body;
  if (method === "DELETE") delete tags[last];
  data.set(`${third} m.tag`, tags);
  return {};
}

function roomApi(host: ApiHost, request: ApiRequest): Json {
  const { state } = host;
  const { method, body, caller } = request;
  const [, room = "", what = "", third = "", fourth = ""] = request.parts;
  switch (`${method} ${what}`) {
    case "PUT send":
      return { event_id: send(host, request, room, third) };
    case "PUT redact":
      return {
        event_id: send(host, { ...request, body: { ...body, redacts: third } }, room, "m.room.redaction"),
      };
    case "PUT state":
      return { event_id: putState(state, caller.user, room, third, fourth, body).event_id };
    case "GET state":
      return stateApi(state, caller.user, room, request.parts);
    case "GET members":
      return { chunk: members(state.roomFor(caller.user, room)) };
    case "GET messages":
      return messages(state.roomFor(caller.user, room), request.query, state.position);
    case "GET context":
      return context(state.roomFor(caller.user, room), third, request.query);
    case "GET event": {
      const event = state.byId.get(third);
      if (event?.room_id !== state.roomFor(caller.user, room).id)
        throw new MatrixFault(404, "M_NOT_FOUND", "no event");
      return clientEvent(event);
    }
    case "POST invite":
      invite(state, caller.user, room, String(body["user_id"]), false);
      return {};
    case "POST join":
      return { room_id: join(state, caller.user, room).id };
    case "POST leave":
      leave(state, caller.user, room, body["reason"]);
      return {};
    case "POST ban":
      ban(state, caller.user, room, String(body["user_id"]));
      return {};
    case "POST upgrade":
      return { replacement_room: upgrade(state, caller.user, room).id };
    case "POST forget":
      return {};
    case "POST kick": {
      const target = String(body["user_id"]);
      const within = state.roomFor(caller.user, room);
      state.demand(within, caller.user, "kick", true);
      state.append(within, caller.user, "m.room.member", { membership: "leave" }, target);
      return {};
    }
    case "PUT typing":
      host.typing(state.roomFor(caller.user, room), caller.user, body["typing"] === true);
      return {};
    case "POST read_markers": {
      const read = body["m.read"];
      state.user(caller.user).accountData.set(`${room} m.fully_read`, { event_id: body["m.fully_read"] });
      if (typeof read === "string") host.receipt(state.roomFor(caller.user, room), caller.user, read);
      return {};
    }
    case "POST receipt":
      host.receipt(state.roomFor(caller.user, room), caller.user, fourth);
      return {};
    default:
      throw new MatrixFault(404, "M_UNRECOGNIZED", "Unrecognized request");
  }
}

function stateApi(state: FakeState, user: string, id: string, parts: readonly string[]): Json {
  const room = state.roomFor(user, id);
  const [, , , type, key = ""] = parts;
  if (type === undefined) return [...room.state.values()].map(clientEvent) as unknown as Json;
  const event = state.stateOf(room, type, key);
  if (event === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "Event not found.");
  return event.content;
}

const members = (room: FakeRoom): Json[] =>
  [...room.state.values()].filter(({ type }) => type === "m.room.member").map(clientEvent);

/**
 * Repeats are known by room, user, device and id, whatever the event type; without a device only in memory and
 * by path alone, so that another user's same id gets the first one's event. Both as measured on Synapse.
 */
function send(host: ApiHost, request: ApiRequest, id: string, type: string): string {
  const { parts, path, body, size, caller } = request;
  const { state, durableTxns, memoryTxns } = host;
  const room = state.roomFor(caller.user, id);
  const txn = parts.at(-1) ?? "";
  const keep = caller.device === undefined ? memoryTxns : durableTxns;
  const key =
    caller.device === undefined
      ? `${path} ${caller.appservice}`
      : `${id} ${caller.user} ${caller.device} ${txn}`;
  const before = keep.get(key);
  if (before !== undefined) return before;
  state.demand(room, caller.user, type, false);
  if (size > 65_000) throw new MatrixFault(413, "M_TOO_LARGE", "event too large");
  const event = state.append(room, caller.user, type, body);
  keep.set(key, event.event_id);
  return event.event_id;
}
