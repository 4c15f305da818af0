import { randomInt } from "node:crypto";
import type { RoomId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { RoomSpec } from "../../core/ports/rooms.ts";

import type { Encryption } from "../crypto/encryption.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply, isAbsent, refusalOf } from "../http/homeserver-error.ts";
import { isRoomId } from "../http/identifier.ts";
import { fieldOf } from "../http/json.ts";
import type { Namespace } from "../http/namespace.ts";
import { type Requests, route } from "../http/requests.ts";

/**
 * The bot is the only creator; people and ghosts have power 0 and may invite, as a ghost invites the person. Settings
 * of the room need 100, and encryption too where the bridge could not read the room then.
 */
const POWER = {
  users_default: 0,
  events_default: 0,
  state_default: 50,
  invite: 0,
  kick: 50,
  ban: 50,
  redact: 50,
  notifications: { room: 50 },
  events: {
    "m.room.encryption": 100,
    "m.room.power_levels": 100,
    "m.room.history_visibility": 100,
    "m.room.join_rules": 100,
    "m.room.server_acl": 100,
    "m.room.tombstone": 100,
  },
} as const;

/** In a Space only the bot may send events or change its children (spec: Spaces). */
const SPACE_POWER = { ...POWER, events_default: 100, invite: 50 } as const;

/** In a room that one only comes to by its alias nobody but the bot does anything. */
const ALIAS_POWER = { ...POWER, events_default: 100, invite: 100 } as const;

/** State of a room in a Space, whose members need no invitation (spec: Spaces, Restricted rooms). */
function spaceStateOf(space: RoomId, serverName: string) {
  const allow = [{ type: "m.room_membership", room_id: space }];
  return [
    { type: "m.room.join_rules", stateKey: "", content: { join_rule: "restricted", allow } },
    { type: "m.space.parent", stateKey: space, content: { via: [serverName], canonical: true } },
  ];
}

const isPrivate = ({ kind }: RoomSpec): boolean => kind === "portal" || kind === "management";

/** The body of `POST /createRoom`, with all state, so that the room is made whole or not at all. */
function creationOf(
  spec: RoomSpec,
  names: Namespace,
  { encrypted, encrypts }: { readonly encrypted: boolean; readonly encrypts: boolean },
) {
  // Somebody invited later must not read what the bot said to one person.
  const visibility = spec.kind === "management" || spec.kind === "alias" ? "invited" : "shared";
  const state = [
    { type: "m.room.history_visibility", stateKey: "", content: { history_visibility: visibility } },
    { type: "m.room.guest_access", stateKey: "", content: { guest_access: "forbidden" } },
    ...(spec.kind === "alias"
      ? [{ type: "m.room.join_rules", stateKey: "", content: { join_rule: "public" } }]
      : []),
    ...(spec.within === undefined ? [] : spaceStateOf(spec.within, names.serverName)),
    // The alias is there to find the room by; as canonical alias clients would show it as the name.
    { type: "m.room.canonical_alias", stateKey: "", content: {} },
    ...(spec.name === undefined ? [] : [{ type: "m.room.name", stateKey: "", content: { name: spec.name } }]),
    ...(spec.topic === undefined
      ? []
      : [{ type: "m.room.topic", stateKey: "", content: { topic: spec.topic } }]),
    ...(spec.avatar === undefined
      ? []
      : [{ type: "m.room.avatar", stateKey: "", content: { url: spec.avatar } }]),
    ...(encrypted ? [ENCRYPTED] : []),
    ...spec.state,
  ];
  return {
    preset: "private_chat",
    visibility: "private",
    is_direct: spec.direct,
    room_alias_name: names.aliasLocalpart(spec.key),
    creation_content: {
      ...(spec.kind === "space" ? { type: "m.space" } : {}),
      ...(spec.kind === "alias" ? { "m.federate": false } : {}),
      ...(spec.predecessor === undefined ? {} : { predecessor: { room_id: spec.predecessor } }),
    },
    power_level_content_override: powerOf(spec, encrypts),
    initial_state: state.map(({ type, stateKey, content }) => ({ type, state_key: stateKey, content })),
  };
}

function powerOf({ kind }: RoomSpec, encrypts: boolean) {
  if (kind === "space") return SPACE_POWER;
  return kind === "alias" ? ALIAS_POWER : powerIn({ encrypts });
}

/** Power in a room for messages; whoever is in it may encrypt it where the bridge reads encrypted rooms. */
export const powerIn = ({ encrypts }: { readonly encrypts: boolean }) =>
  encrypts ? { ...POWER, events: { ...POWER.events, [ENCRYPTED.type]: 0 } } : POWER;

/** The state of an encrypted room, with the only algorithm there is (spec: `m.room.encryption`). */
export const ENCRYPTED = {
  type: "m.room.encryption",
  stateKey: "",
  content: { algorithm: "m.megolm.v1.aes-sha2" },
} as const;

interface RoomCreationParts {
  readonly requests: Requests;
  readonly names: Namespace;
  readonly clock: Clock;
  readonly encryption?: Pick<Encryption, "isDefault" | "entered" | "rooms"> | undefined;
}

/** The most milliseconds before each repeat of a creation that failed inside the homeserver. */
const PAUSES = [60, 150, 350] as const;
/** How often the alias may belong to an incomplete room before the creation fails. */
const MOST_INCOMPLETE = 2;

/**
 * Makes the room, or finds the one an earlier try made. Synapse before 1.158 answers 500 to some of many creations of
 * one user at once (room version 12 makes the id of the time and the creator), which a moment later work.
 */
export async function createRoom(parts: RoomCreationParts, spec: RoomSpec): Promise<RoomId> {
  const room = await madeRoom(parts, spec);
  await parts.encryption?.entered(room);
  return room;
}

async function madeRoom(parts: RoomCreationParts, spec: RoomSpec): Promise<RoomId> {
  const { requests, names, clock, encryption } = parts;
  const path = route`/_matrix/client/v3/createRoom`;
  const encrypts = encryption !== undefined;
  const body = creationOf(spec, names, { encrypts, encrypted: await beginsEncrypted(spec, encryption) });
  for (let incomplete = 0, failures = 0; ; ) {
    try {
      return roomIn(await requests.json({ method: "POST", path, as: names.bot, body }));
    } catch (error) {
      const { code, status = 0 } = refusalOf(error) ?? {};
      const pause = status >= 500 ? PAUSES[failures] : undefined;
      if (code === "M_ROOM_IN_USE" && incomplete < MOST_INCOMPLETE) incomplete += 1;
      else if (pause !== undefined) {
        failures += 1;
        await new Promise<void>((resolve) => clock.after(randomInt(1, pause), resolve));
      } else throw error;
    }
    const existing = await roomUnderAlias(parts, spec.key);
    if (existing !== undefined) return existing;
  }
}

async function beginsEncrypted(
  spec: RoomSpec,
  encryption: RoomCreationParts["encryption"],
): Promise<boolean> {
  if (!encryption || !isPrivate(spec)) return false;
  return encryption.isDefault || (spec.after !== undefined && (await encryption.rooms.has(spec.after)));
}

/** The room that an earlier try made under the key's alias; an incomplete one loses the alias. */
async function roomUnderAlias(
  { requests, names }: RoomCreationParts,
  key: string,
): Promise<RoomId | undefined> {
  const path = route`/_matrix/client/v3/directory/room/${names.alias(key)}`;
  const reply = await requests.ask({ method: "GET", path, as: names.bot });
  if (isAbsent(reply)) return undefined;
  const room = reply.status === 200 ? fieldOf(reply.body, "room_id") : undefined;
  if (!isRoomId(room)) throw faultOfReply(reply);
  if (await isComplete(requests, names, room)) return room;
  await requests.json({ method: "DELETE", path, as: names.bot });
  return undefined;
}

/** Whether the room has its state: Synapse sets the alias first, so a crash between leaves an empty room. */
async function isComplete(requests: Requests, names: Namespace, room: RoomId): Promise<boolean> {
  const path = route`/_matrix/client/v3/rooms/${room}/state/m.room.power_levels/`;
  const reply = await requests.ask({ method: "GET", path, as: names.bot });
  if (reply.status === 200) return true;
  if (isAbsent(reply) || (reply.status === 403 && errcodeOf(reply.body) !== undefined)) return false;
  throw faultOfReply(reply);
}

function roomIn(body: Readonly<Record<string, unknown>>): RoomId {
  const room = body["room_id"];
  if (isRoomId(room)) return room;
  throw faultOfReply({ status: 502, retryAfter: undefined, body: undefined });
}

/** Takes an alias of ours away; there being none is success. */
export async function removeAlias(
  { requests, names }: Pick<RoomCreationParts, "requests" | "names">,
  key: string,
): Promise<void> {
  const path = route`/_matrix/client/v3/directory/room/${names.alias(key)}`;
  const reply = await requests.ask({ method: "DELETE", path, as: names.bot });
  if (reply.status !== 200 && !isAbsent(reply)) throw faultOfReply(reply);
}
